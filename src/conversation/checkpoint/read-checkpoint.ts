import type { CommitId } from '../../ids.ts';
import type { CommitGraph } from '../graph/commit-graph.ts';
import { createHeldHistory, type HeldHistory } from '../log/held-history.ts';
import type { LogCheckpoint } from './log-checkpoint.ts';

/** What a checkpoint holds. Throws the signal's reason. */
export async function readCheckpoint(checkpoint: LogCheckpoint | undefined, signal: AbortSignal): Promise<HeldHistory> {
  const held = createHeldHistory();
  for await (const rows of checkpoint?.load() ?? []) {
    signal.throwIfAborted();
    held.takeRows(rows);
  }
  return held;
}

/** Whether a head reaches all of a graph: `lacking` is what the head reaches beside, parents first. */
export function isReached(
  graph: CommitGraph,
  head: CommitId,
  lacking: readonly { readonly parents: readonly CommitId[] }[],
): boolean {
  const unreached = graph.topRows();
  reach([head]);
  // Those on top of the graph come early: a long history is not looked at to its end.
  for (let place = 0; place < lacking.length && unreached.size > 0; place += 1) reach(lacking[place]?.parents ?? []);
  return unreached.size === 0;

  function reach(ids: readonly CommitId[]): void {
    for (const id of ids) {
      const row = graph.rowOf(id);
      if (row !== undefined) unreached.delete(row);
    }
  }
}
