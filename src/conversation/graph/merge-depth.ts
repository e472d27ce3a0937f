import type { CommitId } from '../../ids.ts';
import { MERGES_STACKED } from '../../limits.ts';
import type { CommitGraph } from './commit-graph.ts';

/**
 * How many merge commits one has to go down through, from this commit on, to reach one that is no merge: 0 when it is none
 * itself, 2 when it merges merges and nothing else. Counted up to `MERGES_STACKED`.
 */
export function mergeDepth(graph: CommitGraph, id: CommitId): number {
  let level: readonly CommitId[] = [id];
  for (let depth = 0; depth < MERGES_STACKED; depth += 1) {
    const parents = level.map((commit) => graph.get(commit)?.parents ?? []);
    if (parents.some(({ length }) => length < 2)) return depth;
    level = [...new Set(parents.flat())];
  }
  return MERGES_STACKED;
}
