/** The only door to @hyperswarm/secret-stream: Noise (pattern XX) over a byte stream, with the keys that devices have in the DHT. */
import type { Socket } from 'node:net';
import NoiseSecretStream, { type KeyPair } from '@hyperswarm/secret-stream';
import type { NoiseStream } from './signalling/noise-signals-adapter.ts';

export type { KeyPair };

/** The pair that 32 bytes stand for, the same as in the DHT. */
export function noiseKeyPair(seed: Uint8Array): KeyPair {
  return NoiseSecretStream.keyPair(Buffer.from(seed));
}

export interface NoiseOptions {
  /** One of both ends speaks first. */
  readonly isInitiator: boolean;
  readonly keyPair: KeyPair;
}

/** Takes over a socket. Neither side has to know the other's key before; both prove theirs. */
export function noiseOver(socket: Socket, { isInitiator, keyPair }: NoiseOptions): NoiseStream {
  const stream = new NoiseSecretStream(isInitiator, socket, { keyPair });
  // Whoever read from it before may have paused it.
  socket.resume();
  return stream;
}
