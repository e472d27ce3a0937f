/** A TCP connection as a lane for git's packets: `git://` as git's own daemon speaks it. */
import { connect as connectTcp, type Socket } from 'node:net';
import { errorCodeOf } from '../../error-code.ts';
import { messageOf, SyncError } from '../../errors.ts';
import { GIT_CONNECT_MS, GIT_FAREWELL_MS } from '../../limits.ts';
import type { Clock } from '../../ports.ts';
import { formatHost } from './git-url.ts';
import type { Lane } from './packet-channel.ts';

export interface SocketLane extends Lane, AsyncDisposable {
  /** Bytes handed to the socket so far. */
  readonly sentBytes: number;
}

/** A lane over a connected socket, which it owns from now on. Disposing sends what was written and hangs up. */
export function laneOver(socket: Socket, name: string): SocketLane {
  let sentBytes = 0;
  let brokenBy = 'the other side hung up';
  socket.setNoDelay(true);
  socket.on('error', (error) => {
    brokenBy = messageOf(error);
  });
  const closed = () => new SyncError('CHANNEL_CLOSED', { channel: name, reason: brokenBy });

  return {
    get sentBytes() {
      return sentBytes;
    },
    send(bytes) {
      sentBytes += bytes.byteLength;
      return new Promise((resolve, reject) => {
        if (!socket.writable) return reject(closed());
        socket.write(bytes, (error) => (error ? reject(closed()) : resolve()));
      });
    },
    async *messages({ signal }) {
      signal.throwIfAborted();
      const stop = () => socket.destroy();
      signal.addEventListener('abort', stop, { once: true });
      try {
        for await (const bytes of socket.iterator({ destroyOnReturn: false })) yield bytes as Uint8Array;
      } catch {
        signal.throwIfAborted();
        throw closed();
      } finally {
        signal.removeEventListener('abort', stop);
      }
      signal.throwIfAborted();
    },
    close(reason = 'closed') {
      brokenBy = reason;
      socket.destroy();
    },
    [Symbol.asyncDispose]: () => hangUp(socket),
  };
}

/** Connects to a git server. Throws SERVER_UNREACHABLE, TIMED_OUT, the signal's reason. */
export async function connectLane(
  { host, port }: { readonly host: string; readonly port: number },
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<SocketLane> {
  signal.throwIfAborted();
  const address = formatHost({ host, port });
  const socket = connectTcp({ host, port, allowHalfOpen: true });
  const settled = new AbortController();
  const waiting = AbortSignal.any([signal, settled.signal]);
  try {
    await Promise.race([connected(socket, address), deadline(clock, waiting)]);
    signal.throwIfAborted();
    return laneOver(socket, `The connection to ${address}`);
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    settled.abort();
  }
}

const TROUBLE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ENOTFOUND: 'there is no host of that name',
};

function connected(socket: Socket, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', (cause) => {
      const detail = TROUBLE[errorCodeOf(cause) ?? ''] ?? messageOf(cause);
      reject(new SyncError('SERVER_UNREACHABLE', { address, detail }, { cause }));
    });
  });
}

async function deadline(clock: Clock, signal: AbortSignal): Promise<never> {
  await clock.wait(GIT_CONNECT_MS, signal);
  throw new SyncError('TIMED_OUT', { what: 'Connecting', ms: GIT_CONNECT_MS });
}

/** What was written still leaves; somebody who does not read it in time does without. */
function hangUp(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed) return resolve();
    const timer = setTimeout(() => socket.destroy(), GIT_FAREWELL_MS);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    socket.resume();
    socket.end();
  });
}
