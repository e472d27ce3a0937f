/** A file's chunk hashes, concatenated in order: the *chunk list* that the announced root covers. */
import { createHash } from 'node:crypto';
import { CHUNK_HASH_BYTES, chunkCount, chunkRootPreimage } from '../../events/chunk-construction.ts';
import type { Chunks } from '../../events/chunks.ts';
import { ChunkRoot } from '../../ids.ts';
import type { Range } from '../ranges.ts';

/** The root of a list; throws nothing, whatever its length. */
export function chunkRootOf(totalSize: number, size: number, hashes: Uint8Array): ChunkRoot {
  const hash = createHash('sha256');
  for (const part of chunkRootPreimage(totalSize, size, hashes)) hash.update(part);
  return ChunkRoot.parse(hash.digest('hex'));
}

/** Whether these are the hashes that were announced. Everything else about a list can be taken for granted then. */
export function isChunkListOf(totalSize: number, { size, root }: Chunks, hashes: Uint8Array): boolean {
  if (hashes.length !== chunkCount(totalSize, size) * CHUNK_HASH_BYTES) return false;
  return chunkRootOf(totalSize, size, hashes) === root;
}

/** The hash of one chunk: a view, not a copy. */
export function chunkHash(hashes: Uint8Array, chunk: number): Uint8Array {
  return hashes.subarray(chunk * CHUNK_HASH_BYTES, (chunk + 1) * CHUNK_HASH_BYTES);
}

/** The bytes of one chunk; the last one ends with the file. */
export function chunkRange(totalSize: number, size: number, chunk: number): Range {
  return [chunk * size, Math.min((chunk + 1) * size, totalSize)];
}

/** The first chunk that a stretch of bytes touches, and the one after the last. */
export function chunksTouching(size: number, [start, end]: Range): Range {
  return start < end ? [Math.floor(start / size), Math.ceil(end / size)] : [0, 0];
}
