import type { ObjectId } from '../../ids.ts';
import { objectIdOf } from '../repository/objects/object-id.ts';
import { formatTree } from '../repository/objects/tree.ts';
import { PLAIN_FILE, type Tree, type TreeFile } from './tree.ts';

/** A file to put at a path, or to take away from it. */
export interface TreeEdit {
  readonly path: string;
  readonly blob: ObjectId | undefined;
}

export interface EditedTree {
  readonly tree: Tree;
  /** The tree objects that are new, children before parents. */
  readonly objects: readonly Uint8Array[];
}

/** The tree after the edits. A directory that becomes empty is gone. Throws MALFORMED for a path that no tree may hold. */
export function editTree(tree: Tree | undefined, edits: readonly TreeEdit[]): EditedTree {
  if (tree && edits.length === 0) return { tree, objects: [] };
  const objects: Uint8Array[] = [];
  const edited = edit(
    tree,
    edits.map(({ path, blob }) => ({ names: path.split('/'), blob })),
    objects,
  );
  return { tree: edited ?? seal(new Map(), objects), objects };
}

interface Step {
  readonly names: readonly string[];
  readonly blob: ObjectId | undefined;
}

function edit(tree: Tree | undefined, steps: readonly Step[], objects: Uint8Array[]): Tree | undefined {
  const entries = new Map(tree?.entries);
  for (const [name, below] of grouped(steps)) {
    const changed = editEntry(entries.get(name), below, objects);
    if (changed) entries.set(name, changed);
    else entries.delete(name);
  }
  return entries.size > 0 ? seal(entries, objects) : undefined;
}

function editEntry(
  entry: Tree | TreeFile | undefined,
  steps: readonly Step[],
  objects: Uint8Array[],
): Tree | TreeFile | undefined {
  const here = steps.find(({ names }) => names.length === 0);
  if (here) return here.blob && { kind: 'file', id: here.blob, mode: PLAIN_FILE };
  return edit(entry?.kind === 'tree' ? entry : undefined, steps, objects);
}

/** The steps by the name they begin with, each without it. */
function grouped(steps: readonly Step[]): Map<string, Step[]> {
  const groups = new Map<string, Step[]>();
  for (const { names, blob } of steps) {
    const [name = '', ...rest] = names;
    groups.set(name, [...(groups.get(name) ?? []), { names: rest, blob }]);
  }
  return groups;
}

function seal(entries: ReadonlyMap<string, Tree | TreeFile>, objects: Uint8Array[]): Tree {
  const bytes = formatTree(
    [...entries].map(([name, entry]) => ({ name, id: entry.id, mode: entry.kind === 'tree' ? '40000' : entry.mode })),
  );
  objects.push(bytes);
  return { kind: 'tree', id: objectIdOf('tree', bytes), entries };
}
