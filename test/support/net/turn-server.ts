/** A real relay, coturn, on the loopback or in a network of the lab: for tests of what goes through relays. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Address } from '../../../src/net/address.ts';
import type { TurnLogin, TurnServer, TurnTransport } from '../../../src/net/turn/turn-server.ts';
import { temporaryFolder } from '../cli/built-program.ts';
import { until } from '../time/until.ts';
import { takePortBlock } from './port-block.ts';

export interface RunningTurnServer extends AsyncDisposable {
  /** The first one it listens on. */
  readonly host: string;
  readonly port: number;
  server(transport: TurnTransport): TurnServer;
  stop(): Promise<void>;
}

const LOGIN: TurnLogin = { kind: 'static', username: 'peer', password: 'only-for-this-test' };

/** Paths of PEM files. */
export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

/** For a server at these addresses, signed by itself. */
export function makeCertificate(folder: string, hosts: readonly string[]): CertificateFiles {
  const files = { certificate: join(folder, 'relay.pem'), key: join(folder, 'relay.key') };
  const names = hosts.map((host) => `IP:${host}`).join(',');
  const subject = ['-subj', '/CN=relay', '-addext', `subjectAltName=${names}`];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', files.key];
  const words = ['req', '-x509', '-days', '2', ...subject, ...key, '-out', files.certificate];
  execFileSync('openssl', words, { stdio: 'ignore' });
  return files;
}

export interface TurnServerOptions {
  readonly arguments?: readonly string[];
  /** Then it speaks TLS at its port. */
  readonly certificate?: CertificateFiles;
  /** The one to listen on; one that nobody else uses by default. */
  readonly port?: number;
  readonly login?: TurnLogin;
  /** Addresses to listen on and to relay from; 127.0.0.1 by default. */
  readonly hosts?: readonly string[];
  /** Says what a NAT does, too (RFC 5780), which takes two addresses. */
  readonly tellsOfNats?: boolean;
  /** What to put before a command, so that it runs in another network. */
  readonly inside?: readonly string[];
}

export async function startTurnServer(options: TurnServerOptions = {}): Promise<RunningTurnServer> {
  const folder = temporaryFolder();
  const { first, last, release } = await takePortBlock();
  const port = options.port ?? first;
  const { login = LOGIN, hosts = ['127.0.0.1'], inside = [] } = options;
  const [host = ''] = hosts;
  const credentials =
    login.kind === 'static'
      ? ['--lt-cred-mech', `--user=${login.username}:${login.password}`]
      : ['--use-auth-secret', `--static-auth-secret=${login.secret}`];
  const [program = '', ...words] = [...inside, 'turnserver'];
  const child = spawn(
    program,
    [
      ...[...words, '-n', ...portArguments(port, options.certificate), ...credentials],
      ...hosts.flatMap((address) => [`--listening-ip=${address}`, `--relay-ip=${address}`]),
      ...['--realm=lab.local', '--fingerprint', '--allow-loopback-peers', '--no-cli', '--no-dtls'],
      ...(options.tellsOfNats ? [] : ['--no-rfc5780']),
      // coturn shares a port with whoever shares it as well, and who connects then comes out at either.
      ...[`--min-port=${first + 1}`, `--max-port=${last}`],
      ...['--no-multicast-peers', '--log-file=stdout', '--simple-log', '--verbose'],
      ...[`--userdb=${join(folder.path, 'users.db')}`, `--pidfile=${join(folder.path, 'pid')}`],
      ...(options.arguments ?? []),
    ],
    { cwd: folder.path, stdio: 'ignore' },
  );
  // One that could not be started has ended.
  const ended = once(child, 'exit').catch(() => {});
  let stopping: Promise<void> | undefined;
  // It may have died before: what was taken for it is given back all the same.
  const end = async () => {
    child.kill('SIGKILL');
    await ended;
    await release();
    folder[Symbol.dispose]();
  };
  const stop = () => {
    stopping ??= end();
    return stopping;
  };
  try {
    await answers(child, () => accepts({ host, port }, inside));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    host,
    port,
    server: (transport) => ({ address: { host, port }, transports: [transport], login }),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Without TLS of its own, what is not secure listens at the usual port beside it. */
function portArguments(port: number, files: CertificateFiles | undefined): readonly string[] {
  if (files === undefined) return [`--listening-port=${port}`, '--no-tls'];
  return [`--tls-listening-port=${port}`, `--cert=${files.certificate}`, `--pkey=${files.key}`];
}

/** Fails at once when it dies instead. */
async function answers(child: ChildProcess, isUp: () => boolean): Promise<void> {
  await until(() => {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('the relay died while it started');
    return isUp();
  });
}

function accepts({ host, port }: Address, inside: readonly string[]): boolean {
  const [program = '', ...words] = [...inside, 'bash', '-c', `exec 3<>/dev/tcp/${host}/${port}`];
  return spawnSync(program, words, { stdio: 'ignore' }).status === 0;
}
