/**
 * How a file is divided into chunks, and what their root is made of. Apart from the schema, which the threads that hash
 * do without.
 */
import { CHUNK_BYTES, CHUNK_BYTES_MAX, CHUNKS_PER_FILE } from '../limits.ts';

/** Bytes of one chunk hash: SHA-256. */
export const CHUNK_HASH_BYTES = 32;

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

/**
 * What the root is the SHA-256 of: a line that names the construction with the file's and the chunks' size, then the
 * chunk hashes, in order, without anything between them.
 */
export function chunkRootPreimage(totalSize: number, size: number, hashes: Uint8Array): readonly Uint8Array[] {
  return [Buffer.from(`swarmlog chunks v1 ${totalSize} ${size}\n`), hashes];
}
