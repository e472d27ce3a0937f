/**
 * The chunks of an announced file: equal stretches, the last one shorter, each with a SHA-256 of its own, all of them
 * bound to the announcement by one root. Other readers of the format ignore the two keys; SHA3-512 stays the last word.
 */
import { z } from 'zod';
import { ChunkRoot } from '../ids.ts';
import { CHUNK_BYTES, CHUNK_BYTES_MAX, CHUNK_BYTES_MIN, CHUNKS_PER_FILE } from '../limits.ts';

/** Bytes of one chunk hash: SHA-256. */
export const CHUNK_HASH_BYTES = 32;

export const Chunks = z.object({
  /** Bytes of every chunk but the last: a power of two. */
  size: z.number().int().min(CHUNK_BYTES_MIN).max(CHUNK_BYTES_MAX),
  /** SHA-256 of `chunkRootPreimage`. */
  root: ChunkRoot,
});
export type Chunks = z.infer<typeof Chunks>;

/** The chunk size for a new announcement; undefined for a file that is no longer than one chunk, whose digest says it all. */
export function chunkSizeFor(totalSize: number): number | undefined {
  if (totalSize <= CHUNK_BYTES) return undefined;
  let size = CHUNK_BYTES;
  while (totalSize > size * CHUNKS_PER_FILE) size *= 2;
  return size <= CHUNK_BYTES_MAX ? size : undefined;
}

export function chunkCount(totalSize: number, size: number): number {
  return Math.ceil(totalSize / size);
}

/** Whether a file of this size can have such chunks at all; what cannot is read as a file without them. */
export function areChunksOf(totalSize: number, { size }: Chunks): boolean {
  const isPowerOfTwo = Number.isInteger(Math.log2(size));
  return isPowerOfTwo && totalSize > 0 && chunkCount(totalSize, size) <= CHUNKS_PER_FILE;
}

/**
 * What the root is the SHA-256 of: a line that names the construction with the file's and the chunks' size, then the
 * chunk hashes, in order, without anything between them.
 */
export function chunkRootPreimage(totalSize: number, size: number, hashes: Uint8Array): readonly Uint8Array[] {
  return [Buffer.from(`swarmlog chunks v1 ${totalSize} ${size}\n`), hashes];
}
