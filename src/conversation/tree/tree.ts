/**
 * A git tree as a whole, read: immutable, and subtrees that two commits share are one object.
 * Everything here is synchronous and pure; `TreeReader` loads, `writeTree` makes new ones.
 */
import type { ObjectId } from '../../ids.ts';
import type { TreeMode } from '../repository/objects/tree.ts';

/** The mode of an ordinary file, the only one that the format knows. */
export const PLAIN_FILE: TreeMode = '100644';
/** What git calls a file without content. */
export const EMPTY_BLOB = 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391';

/** Anything that is no directory; other modes than `PLAIN_FILE` are read so that rules can refuse them. */
export interface TreeFile {
  readonly kind: 'file';
  readonly id: ObjectId;
  readonly mode: TreeMode;
}

export interface Tree {
  readonly kind: 'tree';
  readonly id: ObjectId;
  readonly entries: ReadonlyMap<string, Tree | TreeFile>;
}

export function fileAt(tree: Tree | undefined, path: string): TreeFile | undefined {
  const found = entryAt(tree, path);
  return found?.kind === 'file' ? found : undefined;
}

/** The names in a directory; none when there is no such directory. */
export function namesIn(tree: Tree | undefined, directory: string): readonly string[] {
  const found = entryAt(tree, directory);
  return found?.kind === 'tree' ? [...found.entries.keys()] : [];
}

/** Every file with its path, in no particular order. */
export function* filesOf(tree: Tree, prefix = ''): Iterable<readonly [path: string, file: TreeFile]> {
  for (const [name, entry] of tree.entries) {
    if (entry.kind === 'file') yield [prefix + name, entry];
    else yield* filesOf(entry, `${prefix}${name}/`);
  }
}

function entryAt(tree: Tree | undefined, path: string): Tree | TreeFile | undefined {
  let at: Tree | TreeFile | undefined = tree;
  for (const name of path.split('/')) at = at?.kind === 'tree' ? at.entries.get(name) : undefined;
  return at;
}
