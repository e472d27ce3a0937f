import { CHUNK_HASH_BYTES } from '../../events/chunk-construction.ts';
import { countOf } from '../chunks/chunk-layout.ts';
import { isChunkListOf } from '../chunks/chunk-list.ts';
import type { ChunkedFile } from './chunked-file.ts';
import { layoutOf } from './chunked-file.ts';

/** A list of chunk hashes that arrives from one source in stretches. */
export interface IncomingList {
  /** Undefined while there is more to come; then the list, or 'wrong' when it is too long or not of this file. */
  take(hashes: Uint8Array): Uint8Array | 'wrong' | undefined;
}

export function createIncomingList(file: ChunkedFile): IncomingList {
  const list = new Uint8Array(countOf(layoutOf(file)) * CHUNK_HASH_BYTES);
  let length = 0;
  return {
    take(hashes) {
      if (length + hashes.length > list.length) return 'wrong';
      list.set(hashes, length);
      length += hashes.length;
      if (length < list.length) return undefined;
      return isChunkListOf(file.totalSize, file.chunks, list) ? list : 'wrong';
    },
  };
}
