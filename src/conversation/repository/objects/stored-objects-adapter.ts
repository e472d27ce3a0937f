import { dirname } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { SyncError } from '../../../errors.ts';
import type { CommitId, ObjectId } from '../../../ids.ts';
import { createPauses } from '../housekeeping/pauses.ts';
import { openPackFiles, type PackFiles } from '../packs/pack-files-adapter.ts';
import type { GitObject, Objects } from '../repository.ts';
import { type LooseObjects, openLooseObjects } from './loose-objects-adapter.ts';

/** The objects of a repository, packed and loose. */
export interface StoredObjects extends Required<Objects>, AsyncDisposable {
  readonly loose: LooseObjects;
  readonly packs: PackFiles;
}

/** Writes nothing by itself. `path` is what messages name; the git directory unless given. */
export async function openStoredObjects(
  objectsDirectory: string,
  path = dirname(objectsDirectory),
): Promise<StoredObjects> {
  const loose = openLooseObjects(objectsDirectory);
  const packs = await openPackFiles(objectsDirectory);
  const giveWay = createPauses();
  /** What was loose when the packs were listed may stand in a new one by now. */
  async function findMoved(id: ObjectId | CommitId): Promise<GitObject | undefined> {
    await packs.refresh();
    return packs.find(id);
  }
  return {
    loose,
    packs,
    async read(id) {
      await giveWay();
      const object = (await packs.find(id)) ?? loose.read(id) ?? (await findMoved(id));
      if (object) return object;
      throw new SyncError('OBJECT_MISSING', { id, path });
    },
    async has(id) {
      if (packs.has(id) || loose.has(id)) return true;
      await packs.refresh();
      return packs.has(id);
    },
    async stored(id) {
      await giveWay();
      return packs.stored(id);
    },
    async stretches(ids) {
      await breathe();
      return packs.stretches(ids);
    },
    [Symbol.asyncDispose]: () => packs[Symbol.asyncDispose](),
  };
}
