/** A TURN server that is spoken to by UDP, as a stream: each write is a datagram, and each datagram that comes a chunk. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { Duplex } from 'node:stream';
import { SyncError } from '../../errors.ts';
import { DOCTOR_STUN_MS, DOCTOR_STUN_TRIES } from '../../limits.ts';
import { type Address, formatAddress } from '../address.ts';
import { reasonOf } from '../reason-of.ts';

export interface TurnByUdp {
  /** An address of this machine; any when there is none. */
  readonly from: string | undefined;
  readonly signal: AbortSignal;
}

/** Throws RELAY_LOST when there is no way to the server, and the signal's reason. That it answers is not certain yet. */
export async function connectToTurnByUdp(server: Address, { from, signal }: TurnByUdp): Promise<Duplex> {
  const socket = createSocket(isIPv6(server.host) ? 'udp6' : 'udp4');
  try {
    socket.bind(0, from);
    await once(socket, 'listening', { signal });
    socket.connect(server.port, server.host);
    await once(socket, 'connect', { signal });
    return new DatagramStream(socket);
  } catch (error) {
    socket.on('error', () => {}).close();
    signal.throwIfAborted();
    throw new SyncError('RELAY_LOST', { detail: `${formatAddress(server)} ${reasonOf(error)}` }, { cause: error });
  }
}

/** Datagrams get lost: what was said last is said again until something comes back. STUN knows repeated requests by their numbers. */
class DatagramStream extends Duplex {
  readonly #socket: Socket;
  #again: NodeJS.Timeout | undefined;

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
    // All that comes back from a machine that has the port closed.
    socket.on('error', (cause) => {
      this.destroy(new SyncError('RELAY_LOST', { detail: 'nothing listens for UDP at its port' }, { cause }));
    });
    socket.on('message', (bytes) => {
      clearInterval(this.#again);
      this.push(bytes);
    });
  }

  override _read(): void {}

  override _write(bytes: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    clearInterval(this.#again);
    this.#again = setInterval(() => this.#socket.send(bytes, () => {}), DOCTOR_STUN_MS / DOCTOR_STUN_TRIES);
    this.#socket.send(bytes, done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearInterval(this.#again);
    this.#socket.close(() => done(error));
  }
}
