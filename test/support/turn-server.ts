/** A real relay, coturn, on the loopback: for tests of what goes through relays. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import type { TurnLogin, TurnServer, TurnTransport } from '../../src/net/turn/turn-server.ts';
import { temporaryFolder } from './cli.ts';
import { until } from './until.ts';

export interface RunningTurnServer extends AsyncDisposable {
  readonly port: number;
  server(transport: TurnTransport): TurnServer;
  stop(): Promise<void>;
}

const LOGIN: TurnLogin = { kind: 'static', username: 'peer', password: 'only-for-this-test' };

export interface TurnServerOptions {
  readonly arguments?: readonly string[];
  /** The one to listen on; a free one by default. */
  readonly port?: number;
  readonly login?: TurnLogin;
}

export async function startTurnServer(options: TurnServerOptions = {}): Promise<RunningTurnServer> {
  const folder = temporaryFolder();
  const port = options.port ?? (await freePort());
  const login = options.login ?? LOGIN;
  const credentials =
    login.kind === 'static'
      ? ['--lt-cred-mech', `--user=${login.username}:${login.password}`]
      : ['--use-auth-secret', `--static-auth-secret=${login.secret}`];
  const child = spawn(
    'turnserver',
    [
      ...['-n', '--listening-ip=127.0.0.1', '--relay-ip=127.0.0.1', `--listening-port=${port}`, ...credentials],
      ...['--realm=lab.local', '--fingerprint', '--allow-loopback-peers', '--no-cli', '--no-tls', '--no-dtls'],
      ...['--no-rfc5780', '--no-multicast-peers', '--log-file=stdout', '--simple-log', '--verbose'],
      ...[`--userdb=${join(folder.path, 'users.db')}`, `--pidfile=${join(folder.path, 'pid')}`],
      ...(options.arguments ?? []),
    ],
    { cwd: folder.path, stdio: 'ignore' },
  );
  await until(() => accepts(port));
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
    folder[Symbol.dispose]();
  };
  return {
    port,
    server: (transport) => ({ address: { host: '127.0.0.1', port }, transports: [transport], login }),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const say = (isOpen: boolean) => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once('connect', () => say(true)).once('error', () => say(false));
  });
}
