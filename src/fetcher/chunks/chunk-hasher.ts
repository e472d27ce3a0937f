import { createHash, type Hash } from 'node:crypto';
import { CHUNK_HASH_BYTES } from '../../events/chunk-construction.ts';

/** The hashes of a file's chunks, from its bytes in order. */
export interface ChunkHasher {
  /** Bytes of any length. */
  update(bytes: Uint8Array): void;
  /** The hashes of all chunks, concatenated; the last one may be short. Nothing may follow. */
  hashes(): Uint8Array<ArrayBuffer>;
}

export function createChunkHasher(size: number): ChunkHasher {
  const finished: Buffer[] = [];
  let current: { readonly hash: Hash; left: number } | undefined;

  function finish(): void {
    if (current) finished.push(current.hash.digest());
    current = undefined;
  }

  return {
    update(bytes) {
      for (let taken = 0; taken < bytes.length; ) {
        current ??= { hash: createHash('sha256'), left: size };
        const fitting = bytes.subarray(taken, taken + current.left);
        current.hash.update(fitting);
        current.left -= fitting.length;
        taken += fitting.length;
        if (current.left === 0) finish();
      }
    },
    hashes() {
      finish();
      const all = new Uint8Array(finished.length * CHUNK_HASH_BYTES);
      for (const [index, hash] of finished.entries()) all.set(hash, index * CHUNK_HASH_BYTES);
      return all;
    },
  };
}
