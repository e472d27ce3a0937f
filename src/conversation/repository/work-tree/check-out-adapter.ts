/** Makes the work tree of a repository, and git's index, look like a tree. */
import { lstat, mkdir, readFile, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { flushTree, removeTemporary, writeDurably, writeTemporary } from '../../../durable-file-adapter.ts';
import { errorCodeOf } from '../../../error-code.ts';
import { fileFailure } from '../../../errors.ts';
import type { ObjectId } from '../../../ids.ts';
import { TREE_DEPTH } from '../../../limits.ts';
import { inLanes } from '../objects/in-lanes.ts';
import type { Objects } from '../repository.ts';
import { forgetCheckedOut, rememberCheckedOut } from './checked-out-adapter.ts';
import { formatIndex, formatStat, type IndexEntry, parseIndex } from './index-file.ts';
import { type PlainFile, plainFiles } from './plain-files.ts';

export interface CheckOut {
  readonly tree: ObjectId;
  readonly objects: Pick<Objects, 'read'>;
}

/**
 * Writes what does not look as it did when it was checked out, takes away what was checked out and is no more, and leaves all
 * else alone. Each file is there whole or not at all, and the index is no further than the files, whenever the machine stops.
 * Throws MALFORMED for a tree that must not be on a disk, OBJECT_MISSING, OBJECT_CORRUPT, DISK_FULL, FILE_FAILED.
 */
export async function checkOutTree(directory: string, { tree, objects }: CheckOut): Promise<void> {
  const files = await plainFiles(objects, { tree, depth: TREE_DEPTH });
  const place = { directory, gitDirectory: join(directory, '.git') };
  try {
    const before = await readIndex(place);
    const changed = await filesToWrite(place, { files, before });
    await using written = await writeBeside(place, { changed, objects });
    await removeGone(place, { files, before });
    await written.putInPlace();
    await writeIndex(place, files);
    await rememberCheckedOut(place.gitDirectory, tree);
  } catch (error) {
    throw fileFailure(directory, error);
  }
}

interface Place {
  readonly directory: string;
  readonly gitDirectory: string;
}

type Before = ReadonlyMap<string, IndexEntry>;

/** What was checked out by the word of the index, by path; nothing when it cannot be read: then all is written anew. */
async function readIndex({ gitDirectory }: Place): Promise<Before> {
  const bytes = await readFile(join(gitDirectory, 'index')).catch(() => undefined);
  return new Map((bytes && parseIndex(bytes))?.map((entry) => [entry.path, entry]));
}

interface Comparing {
  readonly files: readonly PlainFile[];
  readonly before: Before;
}

async function filesToWrite(place: Place, { files, before }: Comparing): Promise<readonly PlainFile[]> {
  const changed: PlainFile[] = [];
  await inLanes(files, async (file) => {
    const entry = before.get(file.path);
    const isSame = entry?.id === file.id && (await statOf(place, file).catch(() => undefined))?.equals(entry.stat);
    if (!isSame) changed.push(file);
  });
  return changed;
}

async function statOf({ directory }: Place, { path, isExecutable }: PlainFile): Promise<Buffer> {
  return Buffer.from(formatStat(await lstat(join(directory, path), { bigint: true }), isExecutable));
}

/** Files that are on the disk under other names. Disposing removes those that did not come into place. */
interface WrittenBeside extends AsyncDisposable {
  putInPlace(): Promise<void>;
}

/** While the disk takes them, it is forgotten what the work tree looks like: from then on it may be changed. */
async function writeBeside(
  { directory, gitDirectory }: Place,
  { changed, objects }: Pick<CheckOut, 'objects'> & { readonly changed: readonly PlainFile[] },
): Promise<WrittenBeside> {
  const temporaries = new Map<string, string>();
  const remove = async () => {
    for (const temporary of temporaries.values()) await removeTemporary(temporary);
  };
  const write = ({ path, isExecutable, id }: PlainFile) =>
    objects
      .read(id)
      .then(({ bytes }) => writeTemporary(bytes, { temporaryIn: gitDirectory, mode: isExecutable ? 0o755 : 0o644 }))
      .then((temporary) => temporaries.set(path, temporary));
  const outcomes = await Promise.allSettled([
    forgetCheckedOut(gitDirectory),
    inLanes(changed, async (file) => void (await write(file))),
  ]);
  for (const outcome of outcomes) {
    if (outcome.status === 'fulfilled') continue;
    await remove();
    throw outcome.reason;
  }
  return {
    async putInPlace() {
      for (const [path, temporary] of temporaries) {
        const target = join(directory, path);
        await mkdir(dirname(target), { recursive: true });
        await rename(temporary, target);
        temporaries.delete(path);
      }
    },
    [Symbol.asyncDispose]: remove,
  };
}

/** With the directories that they leave empty. */
async function removeGone({ directory }: Place, { files, before }: Comparing): Promise<void> {
  const paths = new Set(files.map(({ path }) => path));
  for (const path of before.keys()) {
    if (paths.has(path)) continue;
    await rm(join(directory, path), { force: true }).catch(unlessNoDirectory);
    let above = dirname(path);
    while (above !== '.' && (await isRemoved(join(directory, above)))) above = dirname(above);
  }
}

/** Somebody put a file where the directory was: then what was in it is gone. */
function unlessNoDirectory(error: unknown): void {
  if (errorCodeOf(error) !== 'ENOTDIR') throw error;
}

/** False for one that is not empty, or that is gone. */
async function isRemoved(directory: string): Promise<boolean> {
  return rmdir(directory).then(
    () => true,
    () => false,
  );
}

async function writeIndex(place: Place, files: readonly PlainFile[]): Promise<void> {
  const { directory, gitDirectory } = place;
  const entries: IndexEntry[] = [];
  await inLanes(files, async (file) => {
    entries.push({ path: file.path, id: file.id, stat: await statOf(place, file) });
  });
  await writeDurably(join(gitDirectory, 'index'), formatIndex(entries), {
    temporaryIn: gitDirectory,
    // An index that is ahead of the work tree would forget files that a power failure brings back.
    settle: () => flushTree(directory, { except: '.git' }),
  });
}
