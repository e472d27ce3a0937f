/** Packs on their way in: made beside, where nobody looks, and moved to their names when they are whole. */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { flushDirectory } from '../../durable-file-adapter.ts';
import { HALF_PACK_MS } from '../../limits.ts';
import { namesIn } from '../../names-in-adapter.ts';

/** Git's own name for a quarantine inside of `objects`. */
const QUARANTINE_PREFIX = 'incoming-';

/** A directory in which a pack is made, as `pack`, and its index, as `idx`. */
export interface Quarantine extends AsyncDisposable {
  readonly packPath: string;
  readonly indexPath: string;
  /**
   * Moves both to their names, which the checksum gives; they have been flushed. A pack without its index is ignored by every
   * reader, so the index comes last. Returns the name without its extension.
   */
  release(pack: { readonly checksum: Uint8Array }): Promise<string>;
}

/** Throws the file system's own error. Disposing never fails: what cannot be removed now is when the repository is opened again. */
export async function openQuarantine(objectsDirectory: string): Promise<Quarantine> {
  const directory = join(objectsDirectory, `${QUARANTINE_PREFIX}${randomBytes(8).toString('hex')}`);
  const packPath = join(directory, 'pack');
  const indexPath = join(directory, 'idx');
  await mkdir(directory);
  return {
    packPath,
    indexPath,
    async release({ checksum }) {
      const name = `pack-${Buffer.from(checksum).toString('hex')}`;
      const kept = join(objectsDirectory, 'pack', name);
      await rename(packPath, `${kept}.pack`);
      await rename(indexPath, `${kept}.idx`);
      await flushDirectory(join(objectsDirectory, 'pack'));
      return name;
    },
    async [Symbol.asyncDispose]() {
      await rm(directory, { recursive: true, force: true }).catch(() => {});
    },
  };
}

/** Removes quarantines that a killed process left behind. Only for a repository that nobody else writes. */
export async function removeQuarantines(objectsDirectory: string): Promise<void> {
  for (const name of await readdir(objectsDirectory)) {
    if (name.startsWith(QUARANTINE_PREFIX)) await rm(join(objectsDirectory, name), { recursive: true, force: true });
  }
}

/**
 * Removes packs without an index, and the other way round: a crash between two renames leaves them, and no reader looks
 * at them. Young ones are left alone, as git's own housekeeping may just be putting a pack there.
 */
export async function removeHalfPacks(objectsDirectory: string): Promise<void> {
  const directory = join(objectsDirectory, 'pack');
  const names = new Set(await namesIn(directory));
  for (const name of names) {
    const other = /\.(pack|idx)$/.exec(name)?.[1] === 'pack' ? '.idx' : '.pack';
    if (!/^pack-[0-9a-f]{40}\.(pack|idx)$/.test(name) || names.has(name.replace(/\.\w+$/, other))) continue;
    const path = join(directory, name);
    if (Date.now() - (await stat(path)).mtimeMs > HALF_PACK_MS) await rm(path, { force: true });
  }
}

/** Writes the index of a pack. Throws the file system's own error. */
export async function writeIndex(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o444);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}
