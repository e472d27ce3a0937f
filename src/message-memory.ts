/**
 * Memory for long messages that is used again. Memory outside of the heap is costly to get, and a collector that finds a
 * new piece of it for every message does little else: so whoever is done with a message's bytes gives them back. Bytes
 * that nobody gives back are collected like any other.
 */
import { MESSAGE_MEMORY_BYTES, TRANSFER_LONG_MESSAGE_BYTES } from './limits.ts';

/** A message with bytes of a file, and its header. */
const MEMORY_BYTES = TRANSFER_LONG_MESSAGE_BYTES + 64;
/** A shorter message is not worth it. */
const LONG_MESSAGE_BYTES = MEMORY_BYTES / 4;
const SPARE_MEMORIES = MESSAGE_MEMORY_BYTES / MEMORY_BYTES;

const spare: ArrayBuffer[] = [];
const lent = new WeakSet<ArrayBufferLike>();

/** Memory for one message, with anything in it. */
export function takeMessageMemory(bytes: number): Uint8Array {
  if (bytes < LONG_MESSAGE_BYTES || bytes > MEMORY_BYTES) return Buffer.allocUnsafe(bytes);
  // All are of one size, so that any serves the next message.
  const memory = spare.pop() ?? Buffer.allocUnsafeSlow(MEMORY_BYTES).buffer;
  lent.add(memory);
  return new Uint8Array(memory, 0, bytes);
}

/** Nobody reads these bytes, or others of their message, any more. Harmless for bytes that came from elsewhere, and twice. */
export function giveBackMessageMemory({ buffer }: Uint8Array): void {
  if (lent.delete(buffer) && buffer instanceof ArrayBuffer) keep(buffer);
}

/** Bytes to be sent to another thread with their memory, which this one loses. */
export interface Parcel {
  readonly pieces: readonly Uint8Array<ArrayBuffer>[];
  /** For `postMessage` to transfer. */
  readonly memory: readonly ArrayBuffer[];
}

/** Only the memory of a message may leave: bytes that came from elsewhere may share theirs with others, and are copied. */
export function packMessageMemory(bytes: readonly Uint8Array[]): Parcel {
  const pieces = bytes.map((piece) => (isOnLoan(piece) ? piece : new Uint8Array(piece)));
  return { pieces, memory: pieces.map(({ buffer }) => buffer) };
}

/** The memory of a parcel is back, and nobody else has it any more. */
export function unpackMessageMemory(memory: readonly ArrayBuffer[]): void {
  for (const returned of memory) if (returned.byteLength === MEMORY_BYTES) keep(returned);
}

function isOnLoan(piece: Uint8Array): piece is Uint8Array<ArrayBuffer> {
  return lent.delete(piece.buffer);
}

function keep(memory: ArrayBuffer): void {
  if (spare.length < SPARE_MEMORIES) spare.push(memory);
}
