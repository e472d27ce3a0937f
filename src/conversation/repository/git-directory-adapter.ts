import { join } from 'node:path';
import { SyncError } from '../../errors.ts';
import type { CommitId, ObjectId } from '../../ids.ts';
import { listRefs, resolveRef } from './isomorphic-git-adapter.ts';
import { type LooseObjects, openLooseObjects } from './loose-objects-adapter.ts';
import { openPackFiles, type PackFiles } from './pack-files-adapter.ts';
import { createPauses } from './pauses.ts';
import type { GitObject, Objects, RepositoryReader } from './repository.ts';

/** A git directory opened for reading, with the parts that a writer needs beside. */
export interface GitDirectory extends RepositoryReader {
  readonly loose: LooseObjects;
  readonly packs: PackFiles;
}

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
  const giveWay = createPauses();
  /** What was loose when the packs were looked through may stand in a new one by the time its file is looked for. */
  async function findMoved(id: ObjectId | CommitId): Promise<GitObject | undefined> {
    await packs.refresh();
    return packs.find(id);
  }
  return {
    async read(id) {
      await giveWay();
      const object = (await packs.find(id)) ?? loose.read(id) ?? (await findMoved(id));
      if (object) return object;
      throw new SyncError('OBJECT_MISSING', { id, path });
    },
    async has(id) {
      if ((await packs.has(id)) || loose.has(id)) return true;
      await packs.refresh();
      return packs.has(id);
    },
    async stored(id) {
      await giveWay();
      return packs.stored(id);
    },
  };
}
