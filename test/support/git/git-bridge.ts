/** Joins git's own programs to our channels: a TCP port for `git clone git://…`, and `git daemon` as the other end. */
import { spawn } from 'node:child_process';
import { createServer, type Socket } from 'node:net';
import type { Duplex, Readable, Writable } from 'node:stream';
import { CHANNEL_MESSAGE_BYTES } from '../../../src/limits.ts';
import type { Channel } from '../../../src/ports.ts';
import { channelPair } from '../net/channel-pair.ts';
import { patience } from '../time/patience.ts';

export interface TcpBridge extends AsyncDisposable {
  readonly port: number;
}

/** Listens on loopback and serves each connection as a channel of its own. */
export async function bridgeTcp(serve: (channel: Channel) => Promise<unknown>): Promise<TcpBridge> {
  const sockets = new Set<Duplex>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    void serveSocket(socket, serve);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('no TCP address');
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function serveSocket(socket: Socket, serve: (channel: Channel) => Promise<unknown>): Promise<void> {
  const pair = channelPair('git://bridge/conversation');
  socket.on('error', () => pair.left.close('the socket broke'));
  const serving = serve(pair.right).then(
    () => pair.right.end({ signal: patience() }),
    () => pair.right.close('serving failed'),
  );
  await Promise.allSettled([pump(socket, pair.left), drain(pair.left, socket), serving]);
  socket.destroy();
}

export interface DaemonBridge extends AsyncDisposable {
  /** The client's end. */
  readonly channel: Channel;
}

/** `git daemon --inetd` for the repositories in `directory`, with its standard streams as a channel. */
export function bridgeGitDaemon(directory: string): DaemonBridge {
  const words = ['daemon', '--inetd', '--export-all', `--base-path=${directory}`, directory];
  const environment = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' };
  const daemon = spawn('git', ['-c', 'safe.directory=*', ...words], {
    env: environment,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const pair = channelPair('git://daemon/conversation');
  const ended = new Promise((resolve) => daemon.on('close', resolve));
  daemon.stdin.on('error', () => undefined);
  void drain(pair.right, daemon.stdin).catch(() => daemon.stdin.destroy());
  void pump(daemon.stdout, pair.right).catch(() => pair.right.close('git daemon ended'));
  return {
    channel: pair.left,
    async [Symbol.asyncDispose]() {
      pair.left.close('test is over');
      daemon.kill();
      await ended;
    },
  };
}

async function pump(from: Readable, to: Channel): Promise<void> {
  for await (const chunk of from) {
    for (let at = 0; at < chunk.length; at += CHANNEL_MESSAGE_BYTES)
      await to.send(chunk.subarray(at, at + CHANNEL_MESSAGE_BYTES));
  }
  await to.end({ signal: patience() });
}

async function drain(from: Channel, to: Writable): Promise<void> {
  for await (const message of from.messages({ signal: patience() })) {
    await new Promise<void>((resolve, reject) => to.write(message, (error) => (error ? reject(error) : resolve())));
  }
  to.end();
}
