/** A repository in memory whose writes take time and survive a crash once they are done. */
import { objectIdOf } from '../../src/conversation/repository/objects/object-id.ts';
import { indexPack } from '../../src/conversation/repository/packs/index-pack.ts';
import { formatPackIndex } from '../../src/conversation/repository/packs/pack-index.ts';
import { createPackObjects } from '../../src/conversation/repository/packs/pack-objects.ts';
import type { GitObject, Objects, Repository, StagedPack } from '../../src/conversation/repository/repository.ts';
import { SyncError } from '../../src/errors.ts';
import type { CommitId } from '../../src/ids.ts';
import { PACK_BYTES, PACK_INFLATED_BYTES, PACK_OBJECTS, PACK_WORK_BYTES } from '../../src/limits.ts';
import type { Flush } from './disk.ts';

/** What is on the disk. */
export interface StoredObjects {
  readonly objects: Map<string, GitObject>;
  head: CommitId | undefined;
}

export function createStoredObjects(): StoredObjects {
  return { objects: new Map(), head: undefined };
}

const PATH = 'simulated';
const LIMITS = {
  packBytes: PACK_BYTES,
  inflatedBytes: PACK_INFLATED_BYTES,
  objects: PACK_OBJECTS,
  workBytes: PACK_WORK_BYTES,
};

export interface SimulatedRepositoryOptions {
  readonly flush: Flush;
  onHead(head: CommitId): void;
}

export function simulatedRepository(stored: StoredObjects, options: SimulatedRepositoryOptions): Repository {
  const { flush, onHead } = options;
  const objects = objectsIn(stored.objects);
  function moveTo({ from, to }: { readonly from: CommitId | undefined; readonly to: CommitId }): void {
    if (stored.head !== from) throw new SyncError('REF_CONFLICT', { ref: 'refs/heads/main', path: PATH });
    stored.head = to;
    onHead(to);
  }
  const append: Repository['append'] = (all, move) =>
    flush(() => {
      for (const { type, bytes } of all) stored.objects.set(objectIdOf(type, bytes), { type, bytes });
      moveTo(move);
    });
  return {
    path: PATH,
    objects,
    head: async () => stored.head,
    refs: async () => (stored.head ? [{ name: 'refs/heads/main', id: stored.head }] : []),
    write(type, bytes) {
      const id = objectIdOf(type, bytes);
      return flush(() => {
        stored.objects.set(id, { type, bytes });
        return id;
      });
    },
    writeAll: (all) =>
      flush(() => {
        for (const { type, bytes } of all) stored.objects.set(objectIdOf(type, bytes), { type, bytes });
      }),
    append,
    async appendUnsigned({ from, objects: unsigned, signed }) {
      const { to, commit } = await signed;
      await append([...unsigned.slice(0, -1), commit], { from, to });
    },
    moveHead: (move) => flush(() => moveTo(move)),
    checkOut: async () => {},
    stagePack: (pack, { signal }) => stagePack(pack, { stored, objects, flush, signal }),
    async [Symbol.asyncDispose]() {},
  };
}

function objectsIn(all: ReadonlyMap<string, GitObject>): Objects {
  return {
    async read(id) {
      const object = all.get(id);
      if (object) return object;
      throw new SyncError('OBJECT_MISSING', { id, path: PATH });
    },
    has: async (id) => all.has(id),
  };
}

interface Staging {
  readonly stored: StoredObjects;
  readonly objects: Objects;
  readonly flush: Flush;
  readonly signal: AbortSignal;
}

async function stagePack(pack: AsyncIterable<Uint8Array>, staging: Staging): Promise<StagedPack> {
  const { stored, objects, flush, signal } = staging;
  const chunks: Uint8Array[] = [];
  for await (const chunk of pack) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const access = {
    size: bytes.length,
    at: async (offset: number, length: number) => bytes.subarray(offset, offset + length),
  };
  const indexed = await indexPack(only(bytes), {
    ...{ limits: LIMITS, access: async () => access, breathe: async () => {}, signal },
  });
  const packed = createPackObjects({
    ...{ index: formatPackIndex(indexed.entries, indexed.checksum), access, path: PATH },
  });
  const staged = new Map<string, GitObject>();
  for (const { id } of indexed.entries) {
    const object = await packed.find(id);
    if (object) staged.set(id, object);
  }
  return {
    commitIds: indexed.commitIds,
    objects: {
      read: async (id) => staged.get(id) ?? objects.read(id),
      has: async (id) => staged.has(id) || objects.has(id),
    },
    keep: () =>
      flush(() => {
        for (const [id, object] of staged) stored.objects.set(id, object);
      }),
    async [Symbol.asyncDispose]() {
      staged.clear();
    },
  };
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
