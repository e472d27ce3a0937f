/**
 * Memory for long messages that is used again. Memory outside of the heap is costly to get, and a collector that finds a
 * new piece of it for every message does little else: so whoever is done with a message's bytes gives them back. Bytes
 * that nobody gives back are collected like any other.
 */
import { MESSAGE_MEMORY_BYTES, TRANSFER_MESSAGE_BYTES } from './limits.ts';

/** A message with bytes of a file, and its header. */
const MEMORY_BYTES = TRANSFER_MESSAGE_BYTES + 64;
/** A shorter message is not worth it. */
const LONG_MESSAGE_BYTES = MEMORY_BYTES / 4;
const SPARE_MEMORIES = MESSAGE_MEMORY_BYTES / MEMORY_BYTES;

const spare: ArrayBufferLike[] = [];
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
  if (lent.delete(buffer) && spare.length < SPARE_MEMORIES) spare.push(buffer);
}
