/**
 * The chunks of an announced file: equal stretches, the last one shorter, each with a SHA-256 of its own, all of them
 * bound to the announcement by one root. Other readers of the format ignore the two keys; SHA3-512 stays the last word.
 */
import * as z from 'zod';
import { ChunkRoot } from '../ids.ts';
import { CHUNK_BYTES_MAX, CHUNK_BYTES_MIN, CHUNKS_PER_FILE } from '../limits.ts';
import { chunkCount } from './chunk-construction.ts';

export const Chunks = z.object({
  /** Bytes of every chunk but the last: a power of two. */
  size: z.number().int().min(CHUNK_BYTES_MIN).max(CHUNK_BYTES_MAX),
  /** SHA-256 of `chunkRootPreimage`. */
  root: ChunkRoot,
});
export type Chunks = z.infer<typeof Chunks>;

/** Whether a file of this size can have such chunks at all; what cannot is read as a file without them. */
export function areChunksOf(totalSize: number, { size }: Chunks): boolean {
  const isPowerOfTwo = Number.isInteger(Math.log2(size));
  return isPowerOfTwo && totalSize > 0 && chunkCount(totalSize, size) <= CHUNKS_PER_FILE;
}
