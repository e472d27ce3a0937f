import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { objectIdOf } from '../../../../src/conversation/repository/objects/object-id.ts';
import type { Objects } from '../../../../src/conversation/repository/repository.ts';
import { editTree } from '../../../../src/conversation/tree/edit-tree.ts';
import { EMPTY_BLOB, fileAt, namesIn, type Tree } from '../../../../src/conversation/tree/tree.ts';
import { changesBetween } from '../../../../src/conversation/tree/tree-changes.ts';
import { createTreeReader } from '../../../../src/conversation/tree/tree-reader.ts';
import { SyncError } from '../../../../src/errors.ts';
import { TREE_DEPTH } from '../../../../src/limits.ts';
import { blobOf, EMPTY_TREE, listing, treeOf, trees } from '../../../support/git/trees.ts';
import { thrownBy } from '../../../support/thrown.ts';

function store(objects: readonly Uint8Array[]): Objects {
  const byId = new Map(objects.map((bytes) => [`${objectIdOf('tree', bytes)}`, bytes]));
  return {
    async read(id) {
      const bytes = byId.get(id);
      if (!bytes) throw new SyncError('OBJECT_MISSING', { id, path: 'memory' });
      return { type: 'tree', bytes };
    },
    has: async (id) => byId.has(id),
  };
}

describe('the changes between two trees', () => {
  it('turn the one into the other', () => {
    fc.assert(
      fc.property(trees, trees, (before, after) => {
        const edits = changesBetween(before, after).map((change) => ({ path: change.path, blob: change.after?.id }));
        const { tree } = editTree(before, edits);
        expect(tree.id).toBe(after.id);
        expect(listing(tree)).toEqual(listing(after));
      }),
    );
  });

  it('are those of the way back, turned round', () => {
    fc.assert(
      fc.property(trees, trees, (before, after) => {
        const back = changesBetween(after, before).map(({ path, before: b, after: a }) => ({
          path,
          before: a,
          after: b,
        }));
        expect(changesBetween(before, after)).toEqual(back);
      }),
    );
  });

  it('hold a file that gives way to a directory as a removal and additions', () => {
    const changes = changesBetween(treeOf({ a: 'x' }), treeOf({ 'a/b': 'y' }));
    expect(changes.map(({ path, before, after }) => [path, before?.id, after?.id])).toEqual([
      ['a', blobOf('x'), undefined],
      ['a/b', undefined, blobOf('y')],
    ]);
  });
});

describe('an edited tree', () => {
  it('comes with exactly the tree objects that make it readable', async () => {
    await fc.assert(
      fc.asyncProperty(trees, async (wanted) => {
        const edits = Object.entries(listing(wanted)).map(([path, blob]) => ({ path, blob }));
        const { tree, objects } = editTree(undefined, edits);
        expect(listing(await createTreeReader(store(objects), 'memory').read(tree.id))).toEqual(listing(wanted));
      }),
    );
  });

  it('loses a directory with its last file', () => {
    const { tree } = editTree(treeOf({ 'invited/a': '', other: '' }), [{ path: 'invited/a', blob: undefined }]);
    expect(listing(tree)).toEqual({ other: EMPTY_BLOB });
    expect(editTree(tree, [{ path: 'other', blob: undefined }]).tree.id).toBe(EMPTY_TREE.id);
  });

  it('refuses names that no tree may hold', async () => {
    for (const path of ['../x', '.git/config', 'a//b', ''])
      await thrownBy('MALFORMED', () => editTree(undefined, [{ path, blob: blobOf('x') }]));
  });
});

describe('reading a tree', () => {
  it('finds files by path and names by directory', () => {
    const tree = treeOf({ 'admins/a': 'x', 'admins/b': 'y' });
    expect(fileAt(tree, 'admins/a')?.id).toBe(blobOf('x'));
    expect([fileAt(tree, 'admins'), fileAt(tree, 'admins/a/b'), fileAt(undefined, 'a')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(namesIn(tree, 'admins')).toEqual(['a', 'b']);
    expect(namesIn(tree, 'members')).toEqual([]);
  });

  it('stops at the depth limit, and names the damaged tree', async () => {
    const deep = editTree(undefined, [{ path: `${'d/'.repeat(TREE_DEPTH + 1)}f`, blob: blobOf('x') }]);
    const reader = createTreeReader(store(deep.objects), 'memory');
    await thrownBy('OBJECT_CORRUPT', () => reader.read(deep.tree.id));
    const { objects, tree } = editTree(undefined, [{ path: 'a/b', blob: blobOf('x') }]);
    const lost = tree.entries.get('a') as Tree;
    const partial = store(objects.filter((bytes) => objectIdOf('tree', bytes) !== lost.id));
    const error = await thrownBy('OBJECT_MISSING', () => createTreeReader(partial, 'memory').read(tree.id));
    expect(error.data.id).toBe(lost.id);
  });
});
