import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { TEMPORARY_PREFIX } from '../../durable-file-adapter.ts';
import { fileFailure, SyncError } from '../../errors.ts';
import { foundRepository } from './found-repository-adapter.ts';
import { openGitDirectory } from './git-directory-adapter.ts';
import { createHousekeeping } from './housekeeping/housekeeping-adapter.ts';
import { commitLinks } from './objects/commit-links.ts';
import { countLooseObjects } from './objects/loose-objects-adapter.ts';
import { objectIdOf } from './objects/object-id.ts';
import { MAIN, openOwnHead, redoAppended } from './own-head-adapter.ts';
import { stagePack } from './packs/staged-pack-adapter.ts';
import { removeHalfPacks, removeQuarantines } from './quarantine-adapter.ts';
import type { SignAgain } from './redo/redo-adapter.ts';
import { removeStaleLocks } from './ref-lock-adapter.ts';
import type { Objects, Repository } from './repository.ts';
import { checkOutTree } from './work-tree/check-out-adapter.ts';
import { checkedOutTree } from './work-tree/checked-out-adapter.ts';

/** Founds a repository with a work tree at `directory`, which is created if need be. Throws FILE_FAILED, DISK_FULL. */
export async function createRepository(directory: string): Promise<Repository> {
  await foundRepository(directory);
  return openRepository(directory);
}

export interface OpenRepository {
  /** For what was written down before it was signed, as only a power failure or a kill leaves it. */
  readonly signAgain?: SignAgain;
}

/**
 * Opens a conversation's own repository by its work tree, and removes what a killed process left in it.
 * Throws SOURCE_MISSING, SOURCE_UNREADABLE, DISK_FULL, FILE_FAILED.
 */
export async function openRepository(directory: string, { signAgain }: OpenRepository = {}): Promise<Repository> {
  const gitDirectory = join(directory, '.git');
  const objectsDirectory = join(gitDirectory, 'objects');
  await requireRepository(directory, objectsDirectory);
  await removeLeftovers(gitDirectory, objectsDirectory);
  await redoAppended(gitDirectory, signAgain);
  const reader = await openGitDirectory(directory, gitDirectory);
  const housekeeping = createHousekeeping({
    objectsDirectory,
    countLoose: () => countLooseObjects(objectsDirectory),
    countPacks: reader.objects.packs.count,
    onMoved: reader.objects.packs.refresh,
  });
  const own = openOwnHead({ gitDirectory, loose: reader.objects.loose, onWritten: housekeeping.added });
  const { placing } = own;
  const objects: Objects = {
    read: async (id) => placing.find(id) ?? reader.objects.read(id),
    has: async (id) => placing.find(id) !== undefined || reader.objects.has(id),
    stored: reader.objects.stored,
    stretches: reader.objects.stretches,
  };

  async function onKept(): Promise<void> {
    await reader.objects.packs.refresh();
    housekeeping.added(0);
  }

  return {
    path: directory,
    objects,
    packs: reader.objects.packs.places,
    head: async () => placing.head() ?? reader.head(),
    async refs() {
      const head = placing.head();
      const refs = await reader.refs();
      return refs.map((ref) => (ref.name === MAIN ? { ...ref, id: head ?? ref.id } : ref));
    },
    async [Symbol.asyncDispose]() {
      await housekeeping[Symbol.asyncDispose]();
      await own[Symbol.asyncDispose]();
      await reader[Symbol.asyncDispose]();
    },
    async write(type, bytes) {
      await own.writeAll([{ type, bytes }]);
      return objectIdOf(type, bytes);
    },
    writeAll: own.writeAll,
    append: own.append,
    appendUnsigned: own.appendUnsigned,
    moveHead: own.moveHead,
    async checkOut() {
      // It is done by reading the disk.
      await placing.finish();
      const head = await reader.head();
      if (head === undefined) return;
      const { tree } = commitLinks((await reader.objects.read(head)).bytes);
      if (tree === (await checkedOutTree(gitDirectory))) return;
      await checkOutTree(directory, { tree, objects: reader.objects });
    },
    async stagePack(pack, options) {
      // So is what a large pack is a supplement to. And what comes in moves the head.
      await placing.finish();
      own.flushAhead();
      return stagePack(pack, { ...options, objectsDirectory, own: objects, onKept });
    },
  };
}

async function requireRepository(directory: string, objectsDirectory: string): Promise<void> {
  const isThere = (path: string) =>
    stat(path).then(
      () => true,
      () => false,
    );
  if (!(await isThere(directory))) throw new SyncError('SOURCE_MISSING', { path: directory });
  if (await isThere(objectsDirectory)) return;
  throw new SyncError('SOURCE_UNREADABLE', { path: directory, detail: 'the folder holds no git repository' });
}

async function removeLeftovers(gitDirectory: string, objectsDirectory: string): Promise<void> {
  try {
    await removeStaleLocks(gitDirectory);
    await removeQuarantines(objectsDirectory);
    await removeHalfPacks(objectsDirectory);
    for (const directory of [gitDirectory, objectsDirectory]) {
      const names = (await readdir(directory)).filter((name) => name.startsWith(TEMPORARY_PREFIX));
      for (const name of names) await rm(join(directory, name), { force: true });
    }
  } catch (error) {
    throw fileFailure(gitDirectory, error);
  }
}
