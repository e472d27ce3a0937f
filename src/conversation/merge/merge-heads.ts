import { encodeMerge } from '../../events/encode.ts';
import type { DeviceKeys } from '../../identity/identity.ts';
import type { CommitId } from '../../ids.ts';
import { isAncestor } from '../graph/ancestry.ts';
import type { CommitGraph } from '../graph/commit-graph.ts';
import type { HistoryReader } from '../log/history-reader.ts';
import type { Objects } from '../repository/repository.ts';
import type { Founding } from '../rules/commit-facts.ts';
import type { Flaw } from '../rules/rule.ts';
import type { Tree } from '../tree/tree.ts';
import { judgePrepared } from '../write/judge-prepared.ts';
import { type PreparedCommit, prepareCommit } from '../write/prepare-commit.ts';
import { mergeTrees } from './merge-trees.ts';
import { readMergeBase } from './read-merge-base.ts';

export type HeadMerge =
  | { readonly outcome: 'fast-forward' }
  | { readonly outcome: 'merged'; readonly prepared: PreparedCommit }
  | { readonly outcome: 'unmergeable'; readonly flaw: Flaw };

export interface MergeHeads {
  readonly history: HistoryReader;
  /** All objects that the two heads reach. */
  readonly objects: Objects;
  /** Holds both heads and all that they descend from. */
  readonly graph: CommitGraph;
  readonly founding: Founding;
  readonly ours: CommitId;
  readonly theirs: CommitId;
}

/**
 * Joins two heads: by going on to theirs when it descends from ours, else by a merge commit, parents ours first.
 * The merge is judged as others will judge it, so that we never write what they must refuse.
 */
export async function mergeHeads(
  heads: MergeHeads,
  { keys, seconds }: { keys: DeviceKeys; seconds: number },
): Promise<HeadMerge> {
  const { history, graph, ours, theirs } = heads;
  if (isAncestor(graph, ours, theirs)) return { outcome: 'fast-forward' };
  const [ourTree, theirTree] = [await treeOf(history, ours), await treeOf(history, theirs)];
  const base = await readMergeBase(heads, ours, theirs);
  const edits = mergeTrees(base, { head: ours, tree: ourTree }, { head: theirs, tree: theirTree });
  const parents = [ours, theirs];
  const plan = { tree: ourTree, edits, parents, seconds, message: encodeMerge(theirs) };
  const prepared = await prepareCommit(keys, plan);
  const {
    flaws: [found],
  } = await judgePrepared(heads, prepared);
  return found ? { outcome: 'unmergeable', flaw: found } : { outcome: 'merged', prepared };
}

async function treeOf(history: HistoryReader, id: CommitId): Promise<Tree> {
  return history.trees.read((await history.commit(id)).tree);
}
