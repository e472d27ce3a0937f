import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { SyncError } from '../../errors.ts';
import { listRefs, resolveRef } from './isomorphic-git-adapter.ts';
import { type LooseObjects, openLooseObjects } from './loose-objects-adapter.ts';
import { openPackFiles, type PackFiles } from './pack-files-adapter.ts';
import type { Objects, RepositoryReader } from './repository.ts';

/** A git directory opened for reading, with the parts that a writer needs beside. */
export interface GitDirectory extends RepositoryReader {
  readonly loose: LooseObjects;
  readonly packs: PackFiles;
}

/** Reads of packed objects between two pauses; small, so that others wait a few milliseconds at most. */
const READS_BETWEEN_PAUSES = 100;

/** `path` is what messages name; `gitDirectory` holds `HEAD` and `objects`. Writes nothing. */
export async function openGitDirectory(path: string, gitDirectory: string): Promise<GitDirectory> {
  const objectsDirectory = join(gitDirectory, 'objects');
  const loose = openLooseObjects(objectsDirectory);
  const packs = await openPackFiles(objectsDirectory);
  return {
    path,
    loose,
    packs,
    objects: readableObjects({ path, loose, packs }),
    head: async () => (await resolveRef(gitDirectory, 'HEAD')) ?? (await resolveRef(gitDirectory, 'refs/heads/main')),
    refs: () => listRefs(gitDirectory),
    [Symbol.asyncDispose]: () => packs[Symbol.asyncDispose](),
  };
}

function readableObjects({ path, loose, packs }: { path: string; loose: LooseObjects; packs: PackFiles }): Objects {
  let reads = 0;
  // Reading from memory never gives way by itself: a walk over a long history would starve every socket.
  async function giveWay(): Promise<void> {
    if (++reads % READS_BETWEEN_PAUSES === 0) await breathe();
  }
  return {
    async read(id) {
      await giveWay();
      const object = (await packs.find(id)) ?? loose.read(id);
      if (object) return object;
      throw new SyncError('OBJECT_MISSING', { id, path });
    },
    has: async (id) => (await packs.has(id)) || loose.has(id),
    async stored(id) {
      await giveWay();
      return packs.stored(id);
    },
  };
}
