import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { walkHistory } from '../../../../src/conversation/judge/walk-history.ts';
import { createHistoryReader } from '../../../../src/conversation/log/history-reader.ts';
import {
  type MergeBase,
  type MergeSide,
  mergeBaseOf,
  mergeTrees,
} from '../../../../src/conversation/merge/merge-trees.ts';
import { readMergeBase } from '../../../../src/conversation/merge/read-merge-base.ts';
import { openSource } from '../../../../src/conversation/repository/open-source-adapter.ts';
import { editTree } from '../../../../src/conversation/tree/edit-tree.ts';
import type { Tree } from '../../../../src/conversation/tree/tree.ts';
import { changesBetween } from '../../../../src/conversation/tree/tree-changes.ts';
import { CommitId } from '../../../../src/ids.ts';
import { bundleOf } from '../../../support/events/recorded.ts';
import { blobOf, EMPTY_TREE, listing, treeOf, trees } from '../../../support/git/trees.ts';

const [SMALL, LARGE] = [CommitId.parse('1'.repeat(40)), CommitId.parse('f'.repeat(40))];

interface Contents {
  readonly old?: string;
  readonly small?: string;
  readonly large?: string;
}

const largerOf = (a: string, b: string) => (blobOf(a) > blobOf(b) ? a : b);
const from = (...bases: readonly Tree[]): MergeBase => mergeBaseOf(bases, []);
const merged = (base: MergeBase, ours: MergeSide, theirs: MergeSide): Tree =>
  editTree(ours.tree, mergeTrees(base, ours, theirs)).tree;

describe('merging two trees', () => {
  it('gives both sides the same, also when they come from several', () => {
    const some = fc.array(trees, { minLength: 1, maxLength: 2 });
    const bases = fc.tuple(some, some).map(([best, commons]) => mergeBaseOf(best, commons));
    fc.assert(
      fc.property(bases, trees, trees, (base, left, right) => {
        const [ours, theirs] = [
          { head: SMALL, tree: left },
          { head: LARGE, tree: right },
        ];
        expect(merged(base, ours, theirs)).toEqual(merged(base, theirs, ours));
      }),
    );
  });

  it('gives the same in whatever order more than two are merged, but for the profile', () => {
    const withoutProfile = trees.map((tree) => editTree(tree, [{ path: 'profile.vcf', blob: undefined }]).tree);
    fc.assert(
      fc.property(withoutProfile, fc.tuple(withoutProfile, withoutProfile, withoutProfile), (base, [a, b, c]) => {
        const join = (left: Tree, right: Tree) =>
          merged(from(base), { head: SMALL, tree: left }, { head: LARGE, tree: right });
        const all = join(join(a, b), c);
        expect(join(a, join(b, c))).toEqual(all);
        expect(join(join(c, a), b)).toEqual(all);
      }),
    );
  });

  it('takes every file from one of the two sides', () => {
    fc.assert(
      fc.property(trees, trees, trees, (base, left, right) => {
        const result = merged(from(base), { head: SMALL, tree: left }, { head: LARGE, tree: right });
        const fromRight = new Set(changesBetween(right, result).map(({ path }) => path));
        expect(changesBetween(left, result).filter(({ path }) => fromRight.has(path))).toEqual([]);
      }),
    );
  });

  it('keeps what both changed alike, and what only one changed', () => {
    const base = treeOf({ 'invited/a': '', 'members/b': 'old' });
    const left = treeOf({ 'members/a': 'a', 'members/b': 'old' });
    const right = treeOf({ 'members/a': 'a', 'members/b': 'new', 'invited/c': '' });
    const result = merged(from(base), { head: SMALL, tree: left }, { head: LARGE, tree: right });
    expect(listing(result)).toEqual(listing(treeOf({ 'members/a': 'a', 'members/b': 'new', 'invited/c': '' })));
  });

  it.each([
    ['a profile: the larger head’s', 'profile.vcf', { old: 'old', small: 'small', large: 'large' }, 'large'],
    ['a profile that is new on both sides', 'profile.vcf', { small: 'small', large: 'large' }, 'large'],
    ['a profile that one side took away', 'profile.vcf', { old: 'old', large: 'large' }, 'large'],
    ['a certificate that one side took away: it stays away', 'members/a', { old: 'old', large: 'new' }, undefined],
    ['two renewals: the larger blob id', 'members/a', { old: 'old', small: 'x', large: 'y' }, largerOf('x', 'y')],
    ['two files of one name', 'banned/members/a', { small: 'y', large: 'x' }, largerOf('x', 'y')],
  ])(
    'settles what both sides changed: %s',
    (...[, path, files, expected]: readonly [string, string, Contents, string | undefined]) => {
      const treeWith = (content: string | undefined) =>
        content === undefined ? EMPTY_TREE : treeOf({ [path]: content });
      const result = merged(
        from(treeWith(files.old)),
        { head: SMALL, tree: treeWith(files.small) },
        { head: LARGE, tree: treeWith(files.large) },
      );
      expect(listing(result)).toEqual(expected === undefined ? {} : { [path]: blobOf(expected) });
    },
  );

  it('sees over criss-cross merges which side changed a file', () => {
    const [old, now, later] = ['old', 'now', 'later'].map((content) => treeOf({ 'members/a': content }));
    const before = mergeBaseOf(
      [old, now].filter((tree) => tree !== undefined),
      old ? [old] : [],
    );
    expect(before('members/a')).toEqual(expect.objectContaining({ id: blobOf('now') }));
    const disputed = mergeBaseOf(
      [now, later].filter((tree) => tree !== undefined),
      old ? [old] : [],
    );
    expect(disputed('members/a')).toBe('disputed');
  });

  it('gives the trees that the recorded merges have', async () => {
    const { signal } = new AbortController();
    const reader = await openSource(bundleOf('alice'));
    const history = createHistoryReader(reader);
    const { graph } = await walkHistory(history, CommitId.parse(await reader.head()), { signal });
    const treeAt = async (id: CommitId) => history.trees.read((await history.commit(id)).tree);
    const merges = [...graph.commits()].filter(({ parents }) => parents.length === 2);
    expect(merges).toHaveLength(24);
    for (const { id, parents } of merges) {
      const [left = id, right = id] = parents;
      const base = await readMergeBase({ history, graph }, left, right);
      const sides = {
        ours: { head: left, tree: await treeAt(left) },
        theirs: { head: right, tree: await treeAt(right) },
      };
      expect(merged(base, sides.ours, sides.theirs)).toEqual(await treeAt(id));
    }
    await reader[Symbol.asyncDispose]();
  });
});
