import { statSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileFailure, isSyncError, SyncError } from '../../errors.ts';
import type { CommitId, ObjectId } from '../../ids.ts';
import { openFileAccess } from './file-access-adapter.ts';
import { createPackObjects, type PackObjects } from './pack-objects.ts';
import type { GitObject, StoredObject } from './repository.ts';

/** The packs of a repository: `objects/pack/*.pack` with their indexes. */
export interface PackFiles extends AsyncDisposable {
  /** Throws OBJECT_CORRUPT. */
  find(id: ObjectId | CommitId): Promise<GitObject | undefined>;
  has(id: ObjectId | CommitId): Promise<boolean>;
  stored(id: ObjectId | CommitId): Promise<StoredObject | undefined>;
  /** Looks for packs that came in since, by us or by git's own housekeeping. */
  refresh(): Promise<void>;
}

interface OpenPack extends AsyncDisposable {
  readonly objects: PackObjects;
}

export async function openPackFiles(objectsDirectory: string): Promise<PackFiles> {
  const directory = join(objectsDirectory, 'pack');
  const packs = new Map<string, OpenPack>();
  let seenAt: number | undefined;
  let refreshing: Promise<void> | undefined;

  const changedAt = () => statSync(directory, { throwIfNoEntry: false })?.mtimeMs;

  // Two at once would open a pack twice and lose one of the handles.
  function refresh(): Promise<void> {
    refreshing ??= openNewPacks().finally(() => {
      refreshing = undefined;
    });
    return refreshing;
  }

  async function openNewPacks(): Promise<void> {
    seenAt = changedAt();
    const names = await readdir(directory).catch(() => []);
    for (const name of names.filter((name) => name.endsWith('.idx')).toSorted()) {
      if (packs.has(name)) continue;
      const pack = await openPack(join(directory, name.slice(0, -'.idx'.length)));
      if (pack) packs.set(name, pack);
    }
  }

  async function packWith(id: ObjectId | CommitId): Promise<PackObjects | undefined> {
    for (const { objects } of packs.values()) if (objects.has(id)) return objects;
    if (changedAt() === seenAt) return undefined;
    await refresh();
    return packWith(id);
  }

  await refresh();
  return {
    refresh,
    find: async (id) => (await packWith(id))?.find(id),
    has: async (id) => (await packWith(id)) !== undefined,
    stored: async (id) => (await packWith(id))?.stored(id),
    async [Symbol.asyncDispose]() {
      for (const pack of packs.values()) await pack[Symbol.asyncDispose]();
      packs.clear();
    },
  };
}

/** Undefined when the pack went away between listing and opening: git writes the new pack before it removes the old. */
async function openPack(stem: string): Promise<OpenPack | undefined> {
  const path = `${stem}.pack`;
  try {
    const index = await readFile(`${stem}.idx`);
    const access = await openFileAccess(path);
    return { objects: createPackObjects({ access, index, path }), [Symbol.asyncDispose]: access[Symbol.asyncDispose] };
  } catch (error) {
    if (isMissing(error)) return undefined;
    if (!isSyncError(error, 'MALFORMED')) throw fileFailure(stem, error);
    throw new SyncError('STORE_CORRUPT', { path: `${stem}.idx`, detail: error.data.detail }, { cause: error });
  }
}

function isMissing(error: unknown): boolean {
  const cause = isSyncError(error, 'FILE_FAILED') ? error.cause : error;
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
}
