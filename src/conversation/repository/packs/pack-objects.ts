import { crc32 } from 'node:zlib';
import { isSyncError, SyncError } from '../../../errors.ts';
import { ID_BYTES } from '../../../id-bytes.ts';
import type { CommitId, ObjectId } from '../../../ids.ts';
import { objectIdOf } from '../objects/object-id.ts';
import type { GitObject, StoredObject, StoredStretch } from '../repository.ts';
import { parseEntryHeader } from './pack-entry.ts';
import { type PackIndex, parsePackIndex } from './pack-index.ts';
import { createPackLayout, type PackLayout } from './pack-layout.ts';
import { createBaseCache, readPacked } from './packed-object.ts';
import type { RandomAccess } from './random-access.ts';
import { type LaidOut, stretchesOf, type WantedEntry } from './stretches.ts';

/** One pack, read by object id. */
export interface PackObjects {
  readonly index: PackIndex;
  has(id: ObjectId | CommitId): boolean;
  /** All of them, as they stand one behind the other. */
  inOrder(): readonly ObjectId[];
  /** Undefined when the pack does not hold it. Checked against the id, whatever the index claims. Throws OBJECT_CORRUPT. */
  find(id: ObjectId | CommitId): Promise<GitObject | undefined>;
  /** Undefined also when the bytes are not those that the index was made of. */
  stored(id: ObjectId | CommitId): Promise<StoredObject | undefined>;
  /** Passes over those that the pack does not hold. */
  stretches(ids: readonly (ObjectId | CommitId)[]): Promise<readonly StoredStretch[]>;
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

  /** Only sending needs it. */
  let made: PackLayout | undefined;
  const layout = () => (made ??= createPackLayout(index, access.size - ID_BYTES));

  return {
    index,
    has: (id) => index.offsetOf(id) !== undefined,
    inOrder: () =>
      Array.from({ length: index.count }, (_, place) => index.at(place))
        .sort((a, b) => a.offset - b.offset)
        .map(({ id }) => id),
    async stored(id) {
      const offset = index.offsetOf(id);
      return offset === undefined ? undefined : readStored({ access, layout: layout() }, offset);
    },
    async stretches(ids) {
      const wanted: WantedEntry[] = [];
      for (const id of ids) {
        const offset = index.offsetOf(id);
        const rank = offset === undefined ? undefined : layout().rankOf(offset);
        if (rank !== undefined) wanted.push({ id, rank });
      }
      return stretchesOf({ access, layout: layout() }, wanted);
    },
    async find(id) {
      const offset = index.offsetOf(id);
      return offset === undefined ? undefined : readChecked(id, offset);
    },
  };
}

async function readStored({ access, layout }: LaidOut, offset: number): Promise<StoredObject | undefined> {
  const rank = layout.rankOf(offset);
  const raw = rank === undefined ? undefined : await access.at(offset, layout.endAt(rank) - offset);
  if (!raw || rank === undefined || crc32(raw) !== layout.crcAt(rank)) return undefined;
  const header = parseEntryHeader(raw, 0);
  if (!header) return undefined;
  const { size, next } = header;
  const deflated = raw.subarray(next);
  if (header.kind === 'whole') return { form: { type: header.type }, size, deflated };
  const base = header.kind === 'id-delta' ? header.base : idAt(layout, offset - header.distance);
  return base && { form: { base }, size, deflated };
}

function idAt(layout: PackLayout, offset: number): ObjectId | undefined {
  const rank = layout.rankOf(offset);
  return rank === undefined ? undefined : layout.idAt(rank);
}
