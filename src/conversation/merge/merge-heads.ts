import { encodeMerge } from '../../events/encode.ts';
import type { DeviceKeys } from '../../identity/identity.ts';
import type { CommitId } from '../../ids.ts';
import { isAncestor } from '../graph/ancestry.ts';
import { CommitGraph } from '../graph/commit-graph.ts';
import { gatherFacts } from '../judge/gather-facts.ts';
import type { HistoryReader } from '../log/history-reader.ts';
import type { Objects } from '../repository/repository.ts';
import type { Founding } from '../rules/commit-facts.ts';
import { judge } from '../rules/judge.ts';
import type { Flaw } from '../rules/rule.ts';
import type { Tree } from '../tree/tree.ts';
import { bringsFiles, objectsWith, type PreparedCommit, prepareCommit } from '../write/prepare-commit.ts';
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
  const [found] = await judgePrepared(heads, prepared);
  return found ? { outcome: 'unmergeable', flaw: found } : { outcome: 'merged', prepared };
}

/** What others would say of a commit before it is written. Its signature is not in doubt. */
export async function judgePrepared(
  { objects, history, graph, founding }: Pick<MergeHeads, 'objects' | 'history' | 'graph' | 'founding'>,
  prepared: PreparedCommit,
): Promise<readonly Flaw[]> {
  const { id, parents, committer } = prepared.commit;
  const grown = new CommitGraph(graph);
  grown.add({ id, parents, committedAt: committer.seconds });
  // Only what a commit brings along is not among the objects yet: without that, nothing has to be read again.
  const reader = bringsFiles(prepared) ? history.over(objectsWith(objects, prepared)) : history;
  return judge(await gatherFacts({ history: reader, graph: grown, founding }, prepared.commit));
}

async function treeOf(history: HistoryReader, id: CommitId): Promise<Tree> {
  return history.trees.read((await history.commit(id)).tree);
}
