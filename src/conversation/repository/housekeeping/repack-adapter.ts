/** Puts loose objects and small packs into one new pack. Runs in a thread of its own beside whoever reads and writes. */
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileFailure, isSyncError, SyncError } from '../../../errors.ts';
import { ID_BYTES } from '../../../id-bytes.ts';
import type { CommitId, ObjectId } from '../../../ids.ts';
import { namesIn } from '../../../names-in-adapter.ts';
import { accessFile } from '../file-access-adapter.ts';
import { listLooseObjects, openLooseObjects, removeLooseObject } from '../objects/loose-objects-adapter.ts';
import { chooseDeltas } from '../packs/choose-deltas.ts';
import { type OpenPack, openPack } from '../packs/pack-files-adapter.ts';
import { formatPackIndex, type IndexEntry } from '../packs/pack-index.ts';
import { createPackObjects, type PackObjects } from '../packs/pack-objects.ts';
import { packObjects } from '../packs/pack-writer.ts';
import { openQuarantine, writeIndex } from '../quarantine-adapter.ts';
import type { GitObject, Objects, StoredObject } from '../repository.ts';
import { type ReadLoose, surveyLoose } from './loose-survey.ts';
import { packsToFold } from './packs-to-fold.ts';

export interface Repacked {
  /** Objects of the new pack; 0 when there was nothing to do. */
  readonly objects: number;
  readonly looseRemoved: number;
  readonly packsRemoved: number;
}

const NOTHING: Repacked = { objects: 0, looseRemoved: 0, packsRemoved: 0 };

/**
 * Writes the new pack, flushes it, reads every object of it back, gives it its name, and only then takes away what it
 * holds. So at every instant each object stands somewhere whole; a crash leaves it in two places at worst. Damaged objects
 * stay where they are. Throws FILE_FAILED, DISK_FULL; then nothing was taken away.
 */
export async function repack(objectsDirectory: string): Promise<Repacked> {
  const packs = await openPacks(join(objectsDirectory, 'pack'));
  try {
    const loose = listLooseObjects(objectsDirectory);
    const sizes = [...packs].map(([name, { objects }]) => ({ name, objects: objects.index.count }));
    const folded = packsToFold(loose.length, sizes);
    if (loose.length === 0 && folded.length < 2) return NOTHING;
    try {
      return await replace({
        objectsDirectory,
        loose,
        packs: new Map([...packs].filter(([name]) => folded.includes(name))),
      });
    } catch (error) {
      // A pack that is damaged is left alone, with all that is whole in it.
      if (!isSyncError(error, 'OBJECT_CORRUPT') || loose.length === 0) throw error;
      return await replace({ objectsDirectory, loose, packs: new Map() });
    }
  } catch (error) {
    throw fileFailure(objectsDirectory, error);
  } finally {
    for (const pack of packs.values()) await pack[Symbol.asyncDispose]();
  }
}

/** Files that git lays beside a pack; whoever has one of these is not ours to take apart. */
const MARKS = ['.keep', '.promisor', '.mtimes'];
/** What goes with a pack; the index first, as a pack without one is read by nobody. */
const EXTENSIONS = ['.idx', '.rev', '.bitmap', '.pack'];

/** Those that may be replaced, by name. Git's index over several packs would lead to packs that are gone. */
async function openPacks(directory: string): Promise<ReadonlyMap<string, OpenPack>> {
  const packs = new Map<string, OpenPack>();
  const names = new Set(await namesIn(directory));
  const stems = [...names].flatMap((name) => /^(pack-[0-9a-f]{40})[.]idx$/.exec(name)?.[1] ?? []);
  if (names.has('multi-pack-index')) return packs;
  for (const stem of stems.filter((stem) => !MARKS.some((mark) => names.has(stem + mark)))) {
    const pack = await openPack(join(directory, stem));
    if (pack) packs.set(stem, pack);
  }
  return packs;
}

interface Replacing {
  readonly objectsDirectory: string;
  readonly loose: readonly ObjectId[];
  /** To be folded into the new pack, by name. */
  readonly packs: ReadonlyMap<string, OpenPack>;
}

async function replace(replacing: Replacing): Promise<Repacked> {
  const { objectsDirectory, loose, packs } = replacing;
  const { read } = openLooseObjects(objectsDirectory);
  const survey = surveyLoose(
    loose.filter((id) => packWith(packs, id) === undefined),
    read,
  );
  const ids = [...survey.commits, ...survey.others, ...[...packs.values()].flatMap(({ objects }) => objects.inOrder())];
  if (ids.length === 0) return NOTHING;
  const objects = objectsOf(packs, { read, deltas: chooseDeltas(survey.others, read) });
  const name = await writePack(objectsDirectory, objects, ids);
  const inPack = new Set(ids);
  const moved = loose.filter((id) => inPack.has(id));
  for (const id of moved) removeLooseObject(objectsDirectory, id);
  // The same objects make the same pack, under the same name.
  const old = [...packs.keys()].filter((stem) => stem !== name);
  for (const stem of old) await removePack(join(objectsDirectory, 'pack', stem));
  return { objects: inPack.size, looseRemoved: moved.length, packsRemoved: old.length };
}

function packWith(packs: Replacing['packs'], id: ObjectId | CommitId): OpenPack | undefined {
  for (const pack of packs.values()) if (pack.objects.has(id)) return pack;
  return undefined;
}

interface Sources {
  readonly read: ReadLoose;
  readonly deltas: ReadonlyMap<ObjectId | CommitId, StoredObject>;
}

function objectsOf(packs: Replacing['packs'], { read, deltas }: Sources): Objects {
  async function find(id: ObjectId | CommitId): Promise<GitObject> {
    const object = (await packWith(packs, id)?.objects.find(id)) ?? read(id);
    if (object) return object;
    throw new SyncError('OBJECT_MISSING', { id, path: 'the objects to be packed' });
  }
  return {
    read: find,
    has: async (id) => packWith(packs, id) !== undefined || read(id) !== undefined,
    stored: async (id) => (await packWith(packs, id)?.objects.stored(id)) ?? deltas.get(id),
  };
}

/** Returns the new pack's name. */
async function writePack(directory: string, objects: Objects, ids: readonly ObjectId[]): Promise<string> {
  await using quarantine = await openQuarantine(directory);
  const { packPath: path } = quarantine;
  await using file = await open(path, 'wx+', 0o444);
  const entries: IndexEntry[] = [];
  let size = 0;
  for await (const chunk of packObjects(objects, ids, {
    offsetDeltas: true,
    onEntry: (entry) => entries.push(entry),
  })) {
    await file.writeFile(chunk);
    size += chunk.byteLength;
  }
  await file.sync();
  const access = accessFile({ file, path, start: 0, size });
  const checksum = await access.at(size - ID_BYTES, ID_BYTES);
  const index = formatPackIndex(entries, checksum);
  await requireAll(createPackObjects({ access, index, path }), ids);
  await writeIndex(quarantine.indexPath, index);
  return await quarantine.release({ checksum });
}

/** What is taken away afterwards has to be there. Throws OBJECT_CORRUPT, OBJECT_MISSING. */
async function requireAll(written: PackObjects, ids: readonly ObjectId[]): Promise<void> {
  for (const id of ids)
    if (!(await written.find(id))) throw new SyncError('OBJECT_MISSING', { id, path: 'the new pack' });
}

async function removePack(stem: string): Promise<void> {
  for (const extension of EXTENSIONS) await rm(stem + extension, { force: true });
}
