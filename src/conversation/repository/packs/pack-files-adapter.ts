import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCodeOf } from '../../../error-code.ts';
import { fileFailure, isSyncError, SyncError } from '../../../errors.ts';
import type { CommitId, ObjectId } from '../../../ids.ts';
import { namesIn } from '../../../names-in-adapter.ts';
import { openFileAccess } from '../file-access-adapter.ts';
import type { GitObject, PackPlace, StoredObject, StoredStretch } from '../repository.ts';
import { createPackObjects, type PackObjects } from './pack-objects.ts';

/** The packs of a repository: `objects/pack/*.pack` with their indexes, as they were at the last `refresh`. */
export interface PackFiles extends AsyncDisposable {
  /** Throws OBJECT_CORRUPT. */
  find(id: ObjectId | CommitId): Promise<GitObject | undefined>;
  has(id: ObjectId | CommitId): boolean;
  stored(id: ObjectId | CommitId): Promise<StoredObject | undefined>;
  stretches(ids: readonly (ObjectId | CommitId)[]): Promise<readonly StoredStretch[]>;
  /**
   * Looks for packs that came in since, or went, by us or by git's own housekeeping; costs next to nothing when there
   * can be none. Throws FILE_FAILED, STORE_CORRUPT.
   */
  refresh(): Promise<void>;
  count(): number;
  /** In the order in which they are looked through. */
  places(): readonly PackPlace[];
}

/** A pack that is read until the last one who reads it is done, whatever becomes of its name. */
export interface OpenPack extends AsyncDisposable {
  readonly objects: PackObjects;
  readonly place: PackPlace;
  use<Result>(read: (objects: PackObjects) => Promise<Result>): Promise<Result>;
}

export async function openPackFiles(objectsDirectory: string): Promise<PackFiles> {
  const directory = join(objectsDirectory, 'pack');
  const packs = new Map<string, OpenPack>();
  const settling = createSettling();
  let refreshing: Promise<void> | undefined;

  const changedAt = () => statSync(directory, { throwIfNoEntry: false })?.mtimeMs;

  // Two at once would open a pack twice and lose one of the handles.
  async function refresh(): Promise<void> {
    if (settling.isSettled(changedAt())) return;
    refreshing ??= followDirectory().finally(() => {
      refreshing = undefined;
    });
    return refreshing;
  }

  async function followDirectory(): Promise<void> {
    // A pack that is gone before it is open has been replaced by one that the listing did not have yet.
    for (let tries = 0; tries < 3; tries++) {
      const listing = settling.list(changedAt());
      if (!(await followListing())) continue;
      listing.confirm();
      return;
    }
  }

  /** False when something that was listed is there no more. */
  async function followListing(): Promise<boolean> {
    let isComplete = true;
    const names = new Set(await indexNames(directory));
    for (const name of names) {
      const pack = packs.get(name) ?? (await openPack(join(directory, name.slice(0, -'.idx'.length))));
      if (pack) packs.set(name, pack);
      else isComplete = false;
    }
    await forget([...packs.keys()].filter((name) => !names.has(name)));
    return isComplete;
  }

  async function forget(names: readonly string[]): Promise<void> {
    for (const name of names) {
      const pack = packs.get(name);
      packs.delete(name);
      await pack?.[Symbol.asyncDispose]();
    }
  }

  function packWith(id: ObjectId | CommitId): OpenPack | undefined {
    for (const pack of packs.values()) if (pack.objects.has(id)) return pack;
    return undefined;
  }

  async function dispose(): Promise<void> {
    await refreshing?.catch(() => {});
    await forget([...packs.keys()]);
  }

  try {
    await refresh();
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    refresh,
    find: async (id) => packWith(id)?.use((objects) => objects.find(id)),
    has: (id) => packWith(id) !== undefined,
    stored: async (id) => packWith(id)?.use((objects) => objects.stored(id)),
    stretches: (ids) => stretchesIn(packs, ids),
    count: () => packs.size,
    places: () => [...packs.values()].map(({ place }) => place),
    [Symbol.asyncDispose]: dispose,
  };
}

/** Of an object that several packs hold, the first one counts in which it is no delta. */
async function stretchesIn(
  packs: ReadonlyMap<string, OpenPack>,
  ids: readonly (ObjectId | CommitId)[],
): Promise<readonly StoredStretch[]> {
  const found: StoredStretch[] = [];
  let left = ids;
  // Those that go away meanwhile are not met.
  for (const pack of packs.values()) {
    const stretches = await pack.use((objects) => objects.stretches(left));
    found.push(...stretches);
    if (stretches.reduce((count, { entries }) => count + entries.length, 0) === left.length) break;
    const held = new Set<string>(stretches.flatMap(({ entries }) => entries.map(({ id }) => id)));
    left = left.filter((id) => !held.has(id));
  }
  return found;
}

/** File systems give changes that lie closer together than this one and the same time. */
const SAME_TIME_MS = 2000;

/**
 * Whether a directory can hold anything else than when it was listed. Its time of change alone does not tell: something may
 * have come in right after the listing, at what counts as the same time. A listing that began long after that time was
 * first seen has everything of that time.
 */
function createSettling() {
  let seen: { readonly changedAt: number | undefined; readonly since: number } | undefined;
  let settled: { readonly changedAt: number | undefined } | undefined;
  return {
    isSettled: (changedAt: number | undefined) => settled !== undefined && settled.changedAt === changedAt,
    /** A listing begins; to be confirmed when it has come to its end. */
    list(changedAt: number | undefined) {
      const now = performance.now();
      if (!seen || seen.changedAt !== changedAt) seen = { changedAt, since: now };
      const isLate = now - seen.since > SAME_TIME_MS;
      return {
        confirm() {
          settled = isLate ? { changedAt } : undefined;
        },
      };
    },
  };
}

/** In the directory of the packs, ascending. Throws FILE_FAILED. */
async function indexNames(directory: string): Promise<readonly string[]> {
  return (await namesIn(directory)).filter((name) => name.endsWith('.idx')).toSorted();
}

/**
 * `stem` is the path without its extension. Undefined when the pack went away between listing and opening: who replaces
 * packs writes the new one before the old ones go. Throws STORE_CORRUPT, FILE_FAILED.
 */
export async function openPack(stem: string): Promise<OpenPack | undefined> {
  const path = `${stem}.pack`;
  try {
    const index = await readFile(`${stem}.idx`);
    return await readPack(path, index);
  } catch (error) {
    if (isMissing(error)) return undefined;
    if (!isSyncError(error, 'MALFORMED')) throw fileFailure(stem, error);
    throw new SyncError('STORE_CORRUPT', { path: `${stem}.idx`, detail: error.data.detail }, { cause: error });
  }
}

async function readPack(path: string, index: Buffer): Promise<OpenPack> {
  const access = await openFileAccess(path);
  const close = async () => access[Symbol.asyncDispose]();
  try {
    const objects = createPackObjects({ access, index, path });
    const place = { path, start: 0, size: access.size, index: objects.index };
    return readUntilDisposed({ objects, place }, close);
  } catch (error) {
    await close();
    throw error;
  }
}

/** The file is closed by whoever is last: the one who disposes, or a reader who had begun before. */
function readUntilDisposed(
  { objects, place }: Pick<OpenPack, 'objects' | 'place'>,
  close: () => Promise<void>,
): OpenPack {
  let readers = 0;
  let isDisposed = false;
  return {
    objects,
    place,
    async use(read) {
      readers += 1;
      try {
        return await read(objects);
      } finally {
        readers -= 1;
        if (isDisposed && readers === 0) await close();
      }
    },
    async [Symbol.asyncDispose]() {
      isDisposed = true;
      if (readers === 0) await close();
    },
  };
}

function isMissing(error: unknown): boolean {
  const cause = isSyncError(error, 'FILE_FAILED') ? error.cause : error;
  return errorCodeOf(cause) === 'ENOENT';
}
