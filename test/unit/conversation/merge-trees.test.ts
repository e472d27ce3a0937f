import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeBases } from '../../../src/conversation/graph/ancestry.ts';
import { createHistoryReader } from '../../../src/conversation/history-reader.ts';
import { type MergeSide, mergeTrees, type TreeMerge } from '../../../src/conversation/merge-trees.ts';
import { openSource } from '../../../src/conversation/repository/open-source-adapter.ts';
import { editTree } from '../../../src/conversation/tree/edit-tree.ts';
import type { Tree } from '../../../src/conversation/tree/tree.ts';
import { changesBetween } from '../../../src/conversation/tree/tree-changes.ts';
import { walkHistory } from '../../../src/conversation/walk-history.ts';
import { CommitId } from '../../../src/ids.ts';
import { bundleOf } from '../../support/recorded.ts';
import { EMPTY_TREE, listing, treeOf, trees } from '../../support/trees.ts';

const [SMALL, LARGE] = [CommitId.parse('1'.repeat(40)), CommitId.parse('f'.repeat(40))];

function merged(base: Tree, ours: MergeSide, theirs: MergeSide): Tree | TreeMerge {
  const merge = mergeTrees(base, ours, theirs);
  return merge.outcome === 'merged' ? editTree(ours.tree, merge.edits).tree : merge;
}

describe('merging two trees', () => {
  it('gives both sides the same, or the same conflict', () => {
    fc.assert(
      fc.property(trees, trees, trees, (base, left, right) => {
        const [ours, theirs] = [
          { head: SMALL, tree: left },
          { head: LARGE, tree: right },
        ];
        expect(merged(base, ours, theirs)).toEqual(merged(base, theirs, ours));
      }),
    );
  });

  it('takes every file from one of the two sides', () => {
    fc.assert(
      fc.property(trees, trees, trees, (base, left, right) => {
        const result = merged(base, { head: SMALL, tree: left }, { head: LARGE, tree: right });
        if ('outcome' in result) return;
        const fromRight = new Set(changesBetween(right, result).map(({ path }) => path));
        expect(changesBetween(left, result).filter(({ path }) => fromRight.has(path))).toEqual([]);
      }),
    );
  });

  it('keeps what both changed alike, and what only one changed', () => {
    const base = treeOf({ 'invited/a': '', 'members/b': 'old' });
    const left = treeOf({ 'members/a': 'a', 'members/b': 'old' });
    const right = treeOf({ 'members/a': 'a', 'members/b': 'new', 'invited/c': '' });
    const result = merged(base, { head: SMALL, tree: left }, { head: LARGE, tree: right });
    expect('outcome' in result ? result : listing(result)).toEqual(
      listing(treeOf({ 'members/a': 'a', 'members/b': 'new', 'invited/c': '' })),
    );
  });

  it('settles a profile that both changed by the larger head, and nothing else', () => {
    const side = (head: CommitId, path: string, content: string) => ({ head, tree: treeOf({ [path]: content }) });
    const profile = (base: Tree) =>
      merged(base, side(SMALL, 'profile.vcf', 'small'), side(LARGE, 'profile.vcf', 'large'));
    expect(profile(treeOf({ 'profile.vcf': 'old' }))).toEqual(treeOf({ 'profile.vcf': 'large' }));
    expect(profile(EMPTY_TREE)).toEqual({ outcome: 'conflict', paths: ['profile.vcf'] });
    const certificate = merged(
      treeOf({ 'members/a': 'old' }),
      side(SMALL, 'members/a', 'x'),
      side(LARGE, 'members/a', 'y'),
    );
    expect(certificate).toEqual({ outcome: 'conflict', paths: ['members/a'] });
  });

  it('gives the trees that the recorded merges have', async () => {
    const { signal } = new AbortController();
    const reader = await openSource(bundleOf('alice'));
    const history = createHistoryReader(reader);
    const { commits, graph } = await walkHistory(history, CommitId.parse(await reader.head()), { signal });
    const treeAt = async (id: CommitId) => history.trees.read((await history.commit(id)).tree);
    const merges = commits.filter(({ parents }) => parents.length === 2);
    expect(merges).toHaveLength(24);
    for (const { id, parents } of merges) {
      const [left = id, right = id] = parents;
      const base = await treeAt(mergeBases(graph, left, right)[0] ?? id);
      const sides = {
        ours: { head: left, tree: await treeAt(left) },
        theirs: { head: right, tree: await treeAt(right) },
      };
      expect(merged(base, sides.ours, sides.theirs)).toEqual(await treeAt(id));
    }
    await reader[Symbol.asyncDispose]();
  });
});
