import { createHash, type Hash } from 'node:crypto';
import { closeSync, constants, openSync, writevSync } from 'node:fs';
import { withoutFirst } from '../disk/without-first.ts';
import { bytesOf, type ChunkLayout, chunkAt } from './chunk-layout.ts';

/** The chunks of one file on their way to the disk, each hashed while it is still in memory. Blocks its thread. */
export interface ChunkWriter {
  /**
   * Writes bytes of one chunk. They begin where the ones before them ended, or at the chunk's start, when it begins anew.
   * Returns the chunk's hash when they end it. Throws what node throws.
   */
  write(position: number, pieces: readonly Uint8Array[]): Uint8Array | undefined;
  close(): void;
}

/** The file has to be there. */
export function openChunkWriter(path: string, layout: ChunkLayout): ChunkWriter {
  // A link planted under the name must not lead the bytes elsewhere.
  const file = openSync(path, constants.O_WRONLY | constants.O_NOFOLLOW);
  /** Of the chunks that have begun. */
  const hashes = new Map<number, Hash>();

  return {
    write(position, pieces) {
      const chunk = chunkAt(layout, position);
      const [start, end] = bytesOf(layout, [chunk, chunk + 1]);
      const hash = (position > start && hashes.get(chunk)) || createHash('sha256');
      hashes.set(chunk, hash);
      for (const piece of pieces) hash.update(piece);
      if (writeAll(file, pieces, position) < end) return undefined;
      hashes.delete(chunk);
      return hash.digest();
    },
    close: () => closeSync(file),
  };
}

/** Returns where the bytes end in the file. One write may take a part only, above all when the disk is nearly full. */
function writeAll(file: number, pieces: readonly Uint8Array[], position: number): number {
  let at = position;
  for (let left = [...pieces]; left.length > 0; ) {
    const written = writevSync(file, left, at);
    at += written;
    left = withoutFirst(left, written);
  }
  return at;
}
