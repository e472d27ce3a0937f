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

/** Whether a head reaches all of a graph: `lacking` is what the head reaches beside. */
export function isReached(
  graph: CommitGraph,
  head: CommitId,
  lacking: readonly { readonly parents: readonly CommitId[] }[],
): boolean {
  const isTop = new Uint8Array(graph.size).fill(1);
  for (let row = 0; row < graph.size; row += 1) for (const parent of graph.parentRows(row)) isTop[parent] = 0;
  for (const id of [head, ...lacking.flatMap(({ parents }) => parents)]) {
    const row = graph.rowOf(id);
    if (row !== undefined) isTop[row] = 0;
  }
  return !isTop.includes(1);
}
