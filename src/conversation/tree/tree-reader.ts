import { createByteCache } from '../../byte-cache.ts';
import { isSyncError, SyncError } from '../../errors.ts';
import type { ObjectId } from '../../ids.ts';
import { TREE_CACHE_ENTRIES, TREE_DEPTH } from '../../limits.ts';
import { parseTree } from '../repository/objects/tree.ts';
import type { Objects } from '../repository/repository.ts';
import type { Tree, TreeFile } from './tree.ts';

/** Reads whole trees. What was read lately is kept, so that a history whose trees differ little costs little. */
export interface TreeReader {
  /** Throws OBJECT_MISSING, OBJECT_CORRUPT. */
  read(id: ObjectId): Promise<Tree>;
}

export function createTreeReader(objects: Objects, path: string): TreeReader {
  const known = createByteCache<ObjectId, Tree>(TREE_CACHE_ENTRIES, ({ entries }) => 1 + entries.size);

  async function read(id: ObjectId, depth: number): Promise<Tree> {
    const cached = known.get(id);
    if (cached) return cached;
    const entries = new Map<string, Tree | TreeFile>();
    for (const { name, mode, id: child } of await readEntries(id, depth))
      entries.set(name, mode === '40000' ? await read(child, depth + 1) : { kind: 'file', id: child, mode });
    const tree: Tree = { kind: 'tree', id, entries };
    known.set(id, tree);
    return tree;
  }

  async function readEntries(id: ObjectId, depth: number) {
    if (depth > TREE_DEPTH) throw corrupt(id, 'it lies deeper than the limit');
    const { type, bytes } = await objects.read(id);
    if (type !== 'tree') throw corrupt(id, `it is a ${type} where a tree belongs`);
    try {
      return parseTree(bytes);
    } catch (error) {
      throw isSyncError(error) ? corrupt(id, error.message) : error;
    }
  }

  function corrupt(id: ObjectId, detail: string): SyncError {
    return new SyncError('OBJECT_CORRUPT', { id, path, detail });
  }

  return { read: (id) => read(id, 0) };
}
