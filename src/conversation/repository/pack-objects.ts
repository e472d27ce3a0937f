import { isSyncError, SyncError } from '../../errors.ts';
import type { CommitId, ObjectId } from '../../ids.ts';
import { objectIdOf } from './object-id.ts';
import { type PackIndex, parsePackIndex } from './pack-index.ts';
import { createBaseCache, readPacked } from './packed-object.ts';
import type { RandomAccess } from './random-access.ts';
import type { GitObject } from './repository.ts';

/** One pack, read by object id. */
export interface PackObjects {
  readonly index: PackIndex;
  has(id: ObjectId | CommitId): boolean;
  /** Undefined when the pack does not hold it. Checked against the id, whatever the index claims. Throws OBJECT_CORRUPT. */
  find(id: ObjectId | CommitId): Promise<GitObject | undefined>;
}

export interface PackParts {
  readonly access: RandomAccess;
  /** The index file's bytes. */
  readonly index: Uint8Array;
  /** For messages. */
  readonly path: string;
}

/** Throws MALFORMED when the index is none. */
export function createPackObjects({ access, index: indexBytes, path }: PackParts): PackObjects {
  const index = parsePackIndex(indexBytes);
  const source = { access, bases: createBaseCache(), offsetOf: index.offsetOf };

  async function readChecked(id: ObjectId | CommitId, offset: number): Promise<GitObject> {
    try {
      const object = await readPacked(source, offset);
      if (objectIdOf(object.type, object.bytes) === id) return object;
    } catch (error) {
      if (!isSyncError(error, 'MALFORMED')) throw error;
      throw new SyncError('OBJECT_CORRUPT', { id, path, detail: error.data.detail }, { cause: error });
    }
    throw new SyncError('OBJECT_CORRUPT', { id, path, detail: 'its bytes have another id' });
  }

  return {
    index,
    has: (id) => index.offsetOf(id) !== undefined,
    async find(id) {
      const offset = index.offsetOf(id);
      return offset === undefined ? undefined : readChecked(id, offset);
    },
  };
}
