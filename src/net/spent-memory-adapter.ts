import { MessageChannel } from 'node:worker_threads';

/** So much at a time: a trip for each piece would cost more than it saves. */
const BYTES_AT_ONCE = 512 * 1024;
/** What is shorter is left to the garbage collector: there would be very many of them before there is enough. */
const LONG_PIECE_BYTES = 1024;

/**
 * Gives up the memory of bytes that passed through at once, instead of leaving it to the garbage collector. The library
 * of the data channels takes new memory for each piece that comes, and so does TLS for what it writes to a stream that is
 * no socket. It lies outside of the heap, where the collector notices it only when there is much of it, and goes
 * through all of the heap to find out what little of that is dead. What is sent to a port that nobody listens to is gone
 * at once, though.
 */
export interface SpentMemory {
  /** Nobody reads these bytes any more, or others of their memory. */
  give(bytes: Uint8Array): void;
}

export function createSpentMemory(): SpentMemory {
  const { port1: nowhere } = new MessageChannel();
  nowhere.close();
  let pieces: ArrayBuffer[] = [];
  let bytes = 0;
  return {
    give({ buffer, byteLength }) {
      if (byteLength < LONG_PIECE_BYTES) return;
      // Anything else has memory that it shares with others.
      if (!(buffer instanceof ArrayBuffer) || buffer.byteLength !== byteLength) return;
      pieces.push(buffer);
      bytes += byteLength;
      if (bytes < BYTES_AT_ONCE) return;
      nowhere.postMessage(undefined, pieces);
      pieces = [];
      bytes = 0;
    },
  };
}
