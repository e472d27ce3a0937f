import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { deflateSync, inflateSync } from 'node:zlib';
import { removeTemporary, writeTemporary } from '../../../durable-file-adapter.ts';
import { errorCodeOf } from '../../../error-code.ts';
import { fileFailure, isSyncError, messageOf, SyncError } from '../../../errors.ts';
import { type CommitId, ObjectId } from '../../../ids.ts';
import { GIT_OBJECT_BYTES, LOOSE_PLAIN_BYTES } from '../../../limits.ts';
import { mostDeflated } from '../packs/packed-object.ts';
import type { GitObject } from '../repository.ts';
import { createFlushList } from './flush-list-adapter.ts';
import { inLanes } from './in-lanes.ts';
import { frameHeader, LONGEST_HEADER, parseFrame } from './object-frame.ts';
import { objectIdOf } from './object-id.ts';
import { plainZlib } from './plain-zlib.ts';

/** Objects that stand each in a file of its own: `objects/<2 digits>/<38 digits>`. */
export interface LooseObjects {
  /** Throws OBJECT_CORRUPT. */
  read(id: ObjectId | CommitId): GitObject | undefined;
  has(id: ObjectId | CommitId): boolean;
  /**
   * Returns how many were new. They come into place in their order, when all are flushed. Throws DISK_FULL,
   * FILE_FAILED, LIMIT_EXCEEDED.
   */
  writeAll(objects: readonly GitObject[]): Promise<number>;
  /** As `writeAll`, but nothing is flushed before `flush`. All are there, or none that was not. */
  placeAll(objects: readonly GitObject[]): Promise<number>;
  /**
   * Has all objects stand there with the right bytes, whatever a power failure made of them; they last after `flush`.
   * Throws DISK_FULL, FILE_FAILED.
   */
  restoreAll(objects: readonly GitObject[]): Promise<void>;
  /** Has all that was written survive a power failure; to be done before anything refers to it. Throws FILE_FAILED. */
  flush(): Promise<void>;
}

/** The ids of all loose objects, ascending. Throws FILE_FAILED. */
export function listLooseObjects(objectsDirectory: string): readonly ObjectId[] {
  const directories = namesIn(objectsDirectory).filter((name) => /^[0-9a-f]{2}$/.test(name));
  return directories.flatMap((directory) =>
    namesIn(join(objectsDirectory, directory)).flatMap((rest) => ObjectId.safeParse(directory + rest).data ?? []),
  );
}

/** How many loose objects there are, without holding up anybody. */
export async function countLooseObjects(objectsDirectory: string): Promise<number> {
  const directories = (await readdir(objectsDirectory)).filter((name) => /^[0-9a-f]{2}$/.test(name));
  let count = 0;
  for (const directory of directories) count += (await readdir(join(objectsDirectory, directory))).length;
  return count;
}

/** Takes a loose object away. Throws FILE_FAILED. */
export function removeLooseObject(objectsDirectory: string, id: ObjectId): void {
  const path = join(objectsDirectory, id.slice(0, 2), id.slice(2));
  try {
    rmSync(path, { force: true });
  } catch (error) {
    throw fileFailure(path, error);
  }
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory).toSorted();
  } catch (error) {
    const code = errorCodeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw fileFailure(directory, error);
  }
}

/** However badly it is deflated. */
const MOST_FILE_BYTES = mostDeflated(GIT_OBJECT_BYTES + LONGEST_HEADER);
/** Git keeps objects read-only: an id's bytes never change. */
const OBJECT_MODE = 0o444;

export function openLooseObjects(objectsDirectory: string): LooseObjects {
  const pathOf = (id: string) => join(objectsDirectory, id.slice(0, 2), id.slice(2));
  const unflushed = createFlushList();

  function missingAmong(objects: readonly GitObject[]): ReadonlyMap<ObjectId, Uint8Array> {
    const missing = new Map<ObjectId, Uint8Array>();
    for (const object of objects) {
      const id = requireSmall(object);
      // What is there may be of a process that was killed before it came to flushing the name.
      if (statSync(pathOf(id), { throwIfNoEntry: false })) unflushed.addDirectory(dirname(pathOf(id)));
      else missing.set(id, deflateLoose(object));
    }
    return missing;
  }

  async function writeMissing(
    objects: readonly GitObject[],
    options: { readonly flush: boolean },
  ): Promise<readonly ObjectId[]> {
    const missing = missingAmong(objects);
    const temporaries = await writeTemporaries(objectsDirectory, [...missing.values()], options);
    const ids = [...missing.keys()];
    try {
      for (const [index, id] of ids.entries()) place(temporaries[index] ?? '', pathOf(id));
    } catch (error) {
      await Promise.all(temporaries.map(removeTemporary));
      // Under a name that nobody flushes, a power failure would leave other bytes.
      if (!options.flush) for (const id of ids) removeLooseObject(objectsDirectory, id);
      throw fileFailure(objectsDirectory, error);
    }
    return ids;
  }

  function place(temporary: string, path: string): void {
    if (makeFolder(dirname(path))) unflushed.addDirectory(objectsDirectory);
    renameSync(temporary, path);
    unflushed.addDirectory(dirname(path));
  }

  // Synchronous: these files are a few hundred bytes, and the way through the thread pool costs many times the read.
  function read(id: ObjectId | CommitId): GitObject | undefined {
    const path = pathOf(id);
    const deflated = readIfThere(path, id);
    return deflated && inflateLoose(deflated, { id, path });
  }

  async function placeAll(objects: readonly GitObject[]): Promise<number> {
    const ids = await writeMissing(objects, { flush: false });
    for (const id of ids) unflushed.addFile(pathOf(id));
    return ids.length;
  }

  return {
    read,
    has: (id) => statSync(pathOf(id), { throwIfNoEntry: false }) !== undefined,
    writeAll: async (objects) => (await writeMissing(objects, { flush: true })).length,
    placeAll,
    async restoreAll(objects) {
      const ids = objects.map(requireSmall);
      for (const id of ids) if (isBroken(id, read)) removeLooseObject(objectsDirectory, id);
      await placeAll(objects);
      // Of what stood there nobody knows whether it was flushed.
      for (const id of ids) unflushed.addFile(pathOf(id));
      unflushed.addDirectory(objectsDirectory);
    },
    flush: () =>
      unflushed.flush().catch((error: unknown) => {
        throw fileFailure(objectsDirectory, error);
      }),
  };
}

function isBroken(id: ObjectId, read: LooseObjects['read']): boolean {
  try {
    read(id);
    return false;
  } catch (error) {
    if (isSyncError(error, 'OBJECT_CORRUPT')) return true;
    throw error;
  }
}

/** Whether it was not there. One of 256: nearly always it is. */
function makeFolder(path: string): boolean {
  if (statSync(path, { throwIfNoEntry: false })) return false;
  mkdirSync(path, { recursive: true });
  return true;
}

/** The object's id. Throws LIMIT_EXCEEDED. */
function requireSmall({ type, bytes }: GitObject): ObjectId {
  const actual = bytes.byteLength;
  if (actual > GIT_OBJECT_BYTES)
    throw new SyncError('LIMIT_EXCEEDED', { what: 'Git object', limit: GIT_OBJECT_BYTES, actual });
  return objectIdOf(type, bytes);
}

/** Level 1: signatures, ids and certificates hardly deflate, and it is done on the event loop. */
function deflateLoose({ type, bytes }: GitObject): Uint8Array {
  const frame = Buffer.concat([frameHeader(type, bytes.byteLength), bytes]);
  return frame.byteLength <= LOOSE_PLAIN_BYTES ? plainZlib(frame) : deflateSync(frame, { level: 1 });
}

/** Throws FILE_FAILED, DISK_FULL; then none is left. */
async function writeTemporaries(
  directory: string,
  files: readonly Uint8Array[],
  { flush }: { readonly flush: boolean },
): Promise<readonly string[]> {
  const options = { temporaryIn: directory, mode: OBJECT_MODE, flush };
  const written: string[] = [];
  try {
    await inLanes([...files.entries()], async ([place, bytes]) => {
      written[place] = await writeTemporary(bytes, options);
    });
    return written;
  } catch (error) {
    await Promise.all(written.map(removeTemporary));
    throw fileFailure(directory, error);
  }
}

/** Throws OBJECT_CORRUPT for a file that no object within the limit can need. */
function readIfThere(path: string, id: string): Buffer | undefined {
  try {
    const size = statSync(path, { throwIfNoEntry: false })?.size;
    if (size === undefined) return undefined;
    if (size > MOST_FILE_BYTES)
      throw new SyncError('OBJECT_CORRUPT', { id, path, detail: `its file has ${size} bytes` });
    return readFileSync(path);
  } catch (error) {
    // Packed and removed a moment ago.
    if (errorCodeOf(error) === 'ENOENT') return undefined;
    throw fileFailure(path, error);
  }
}

function inflateLoose(deflated: Uint8Array, { id, path }: { id: string; path: string }): GitObject {
  try {
    const object = parseFrame(inflateSync(deflated, { maxOutputLength: GIT_OBJECT_BYTES + LONGEST_HEADER }));
    if (objectIdOf(object.type, object.bytes) === id) return object;
  } catch (error) {
    throw new SyncError('OBJECT_CORRUPT', { id, path, detail: messageOf(error) }, { cause: error });
  }
  throw new SyncError('OBJECT_CORRUPT', { id, path, detail: 'its bytes have another id' });
}
