import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { deflateSync, inflateSync } from 'node:zlib';
import { flushDirectory, removeTemporary, writeTemporary } from '../../../durable-file-adapter.ts';
import { fileFailure, messageOf, SyncError } from '../../../errors.ts';
import { type CommitId, ObjectId } from '../../../ids.ts';
import { GIT_OBJECT_BYTES } from '../../../limits.ts';
import { mostDeflated } from '../packs/packed-object.ts';
import type { GitObject } from '../repository.ts';
import { frameHeader, parseFrame } from './object-frame.ts';
import { objectIdOf } from './object-id.ts';

/** Objects that stand each in a file of its own: `objects/<2 digits>/<38 digits>`. */
export interface LooseObjects {
  /** Throws OBJECT_CORRUPT. */
  read(id: ObjectId | CommitId): GitObject | undefined;
  has(id: ObjectId | CommitId): boolean;
  /** Returns how many were new. They come into place in their order, when all are flushed. Throws DISK_FULL, FILE_FAILED, LIMIT_EXCEEDED. */
  writeAll(objects: readonly GitObject[]): Promise<number>;
  /** Has the names of all that was written survive a power failure; to be done before anything refers to it. Throws FILE_FAILED. */
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
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw fileFailure(directory, error);
  }
}

/** Room for the frame's header beside the object itself. */
const HEADER_ROOM = 32;
/** However badly it is deflated. */
const MOST_FILE_BYTES = mostDeflated(GIT_OBJECT_BYTES + HEADER_ROOM);
/** Git keeps objects read-only: an id's bytes never change. */
const OBJECT_MODE = 0o444;
/** Half of the pool's threads: whoever signs does not wait behind the disk. */
const FLUSHES_AT_ONCE = 2;

export function openLooseObjects(objectsDirectory: string): LooseObjects {
  const pathOf = (id: string) => join(objectsDirectory, id.slice(0, 2), id.slice(2));
  /** Directories with names that may not be on the disk yet. */
  const unflushed = new Set<string>();

  async function placeAll(files: ReadonlyMap<string, Uint8Array>): Promise<void> {
    const temporaries = await writeTemporaries(objectsDirectory, [...files.values()]);
    try {
      for (const [index, path] of [...files.keys()].entries()) place(temporaries[index] ?? '', path);
    } catch (error) {
      await Promise.all(temporaries.map(removeTemporary));
      throw fileFailure(objectsDirectory, error);
    }
  }

  function place(temporary: string, path: string): void {
    // One of 256 directories: nearly always there.
    if (!statSync(dirname(path), { throwIfNoEntry: false })) {
      mkdirSync(dirname(path), { recursive: true });
      unflushed.add(objectsDirectory);
    }
    renameSync(temporary, path);
    unflushed.add(dirname(path));
  }

  return {
    // Synchronous: these files are a few hundred bytes, and the way through the thread pool costs many times the read.
    read(id) {
      const path = pathOf(id);
      const deflated = readIfThere(path, id);
      return deflated && inflateLoose(deflated, { id, path });
    },
    has: (id) => statSync(pathOf(id), { throwIfNoEntry: false }) !== undefined,
    async writeAll(objects) {
      const missing = new Map<string, Uint8Array>();
      for (const object of objects) {
        const path = pathOf(requireSmall(object));
        // What is there may be of a process that was killed before it came to flushing the name.
        if (statSync(path, { throwIfNoEntry: false })) unflushed.add(dirname(path));
        else missing.set(path, deflateLoose(object));
      }
      await placeAll(missing);
      return missing.size;
    },
    // All together, so that the file system makes them last with few writes of its own.
    async flush() {
      const directories = [...unflushed];
      unflushed.clear();
      try {
        await Promise.all(directories.map(flushDirectory));
      } catch (error) {
        for (const directory of directories) unflushed.add(directory);
        throw error;
      }
    },
  };
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
  return deflateSync(Buffer.concat([frameHeader(type, bytes.byteLength), bytes]), { level: 1 });
}

/** In a few lanes. Throws FILE_FAILED, DISK_FULL; then none is left. */
async function writeTemporaries(directory: string, files: readonly Uint8Array[]): Promise<readonly string[]> {
  const options = { temporaryIn: directory, mode: OBJECT_MODE };
  const written: string[] = [];
  const left = files.entries();
  async function writeInTurn(): Promise<void> {
    for (const [place, bytes] of left) written[place] = await writeTemporary(bytes, options);
  }
  const lanes = await Promise.allSettled(Array.from({ length: FLUSHES_AT_ONCE }, writeInTurn));
  const failed = lanes.find((lane) => lane.status === 'rejected');
  if (!failed) return written;
  await Promise.all(written.map(removeTemporary));
  throw fileFailure(directory, failed.reason);
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
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw fileFailure(path, error);
  }
}

function inflateLoose(deflated: Uint8Array, { id, path }: { id: string; path: string }): GitObject {
  try {
    const object = parseFrame(inflateSync(deflated, { maxOutputLength: GIT_OBJECT_BYTES + HEADER_ROOM }));
    if (objectIdOf(object.type, object.bytes) === id) return object;
  } catch (error) {
    throw new SyncError('OBJECT_CORRUPT', { id, path, detail: messageOf(error) }, { cause: error });
  }
  throw new SyncError('OBJECT_CORRUPT', { id, path, detail: 'its bytes have another id' });
}
