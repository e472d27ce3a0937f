import { setImmediate as breathe } from 'node:timers/promises';
import { PACK_OBJECTS } from '../../../limits.ts';
import { openFileAccess } from '../file-access-adapter.ts';
import { indexPack } from '../packs/index-pack.ts';
import { formatPackIndex } from '../packs/pack-index.ts';
import type { RandomAccess } from '../packs/random-access.ts';

/** A person chose this file, so only what would fill the memory is limited: the pack itself is read in place. */
const LIMITS = {
  packBytes: Number.POSITIVE_INFINITY,
  inflatedBytes: Number.POSITIVE_INFINITY,
  workBytes: Number.POSITIVE_INFINITY,
  objects: PACK_OBJECTS,
};
const CHUNK_BYTES = 256 * 1024;

/** Where a bundle's pack stands: from `packAt` to the end of the file. */
export interface BundledPack {
  readonly path: string;
  readonly packAt: number;
}

/** Indexes the pack of a bundle, as git's own index files are. Throws MALFORMED, LIMIT_EXCEEDED, FILE_FAILED. */
export async function indexBundledPack({ path, packAt }: BundledPack): Promise<Uint8Array> {
  await using access = await openFileAccess(path, { start: packAt });
  const { entries, checksum } = await indexPack(chunksOf(access), {
    limits: LIMITS,
    access: async () => access,
    breathe: () => breathe(),
    signal: new AbortController().signal,
  });
  return formatPackIndex(entries, checksum);
}

async function* chunksOf(access: RandomAccess): AsyncIterable<Uint8Array> {
  for (let at = 0; at < access.size; at += CHUNK_BYTES) {
    await breathe();
    yield await access.at(at, CHUNK_BYTES);
  }
}
