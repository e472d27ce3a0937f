import type { CommitId } from '../../ids.ts';
import { mergeBases } from '../graph/ancestry.ts';
import type { CommitGraph } from '../graph/commit-graph.ts';
import type { HistoryReader } from '../log/history-reader.ts';
import type { Tree } from '../tree/tree.ts';
import { type MergeBase, mergeBaseOf } from './merge-trees.ts';

/** What two heads come from. The graph holds both and all that they descend from. Throws OBJECT_MISSING, OBJECT_CORRUPT. */
export async function readMergeBase(
  { history, graph }: { readonly history: HistoryReader; readonly graph: CommitGraph },
  ours: CommitId,
  theirs: CommitId,
): Promise<MergeBase> {
  const bases = mergeBases(graph, ours, theirs);
  const [first, ...others] = bases;
  const commons = new Set(first === undefined ? [] : others.flatMap((other) => mergeBases(graph, first, other)));
  const treesOf = (ids: Iterable<CommitId>): Promise<readonly Tree[]> =>
    Promise.all([...ids].map(async (id) => history.trees.read((await history.commit(id)).tree)));
  return mergeBaseOf(await treesOf(bases), await treesOf(commons));
}
