import fc from 'fast-check';
import { objectIdOf } from '../../../src/conversation/repository/objects/object-id.ts';
import { editTree } from '../../../src/conversation/tree/edit-tree.ts';
import { filesOf, type Tree } from '../../../src/conversation/tree/tree.ts';
import type { ObjectId } from '../../../src/ids.ts';

export const EMPTY_TREE: Tree = editTree(undefined, []).tree;

export const blobOf = (content: string): ObjectId => objectIdOf('blob', Buffer.from(content));

/** A tree of these contents by path. */
export function treeOf(files: Readonly<Record<string, string>>): Tree {
  return editTree(
    undefined,
    Object.entries(files).map(([path, content]) => ({ path, blob: blobOf(content) })),
  ).tree;
}

/** Blob ids by path. */
export function listing(tree: Tree): Readonly<Record<string, ObjectId>> {
  return Object.fromEntries([...filesOf(tree)].map(([path, { id }]) => [path, id]));
}

/** Small trees whose paths and contents meet often. */
export const trees: fc.Arbitrary<Tree> = fc
  .dictionary(
    fc.constantFrom('profile.vcf', 'admins/a', 'admins/b', 'members/a', 'votes/ban/members/a/b', 'votes/ban/x'),
    fc.constantFrom('one', 'two', 'three'),
  )
  .map((files) => treeOf({ ...files }));
