import type { CommitId } from '../../ids.ts';
import { createHeldHistory, type HeldHistory } from '../held-history.ts';
import type { LogCheckpoint } from './log-checkpoint.ts';

export interface KeptHistory {
  readonly held: HeldHistory;
  /** The commits of it that no other one in it names as a parent. */
  readonly heads: ReadonlySet<CommitId>;
}

/** What a checkpoint holds. Throws the signal's reason. */
export async function readCheckpoint(checkpoint: LogCheckpoint | undefined, signal: AbortSignal): Promise<KeptHistory> {
  const held = createHeldHistory();
  const heads = new Set<CommitId>();
  for await (const interactions of checkpoint?.load() ?? []) {
    signal.throwIfAborted();
    held.take(interactions);
    for (const { id, parents } of interactions) {
      heads.add(id);
      for (const parent of parents) heads.delete(parent);
    }
  }
  return { held, heads };
}

/** Whether a head reaches all of it: `lacking` is what the head reaches beside. */
export function isReached(
  { heads }: KeptHistory,
  head: CommitId,
  lacking: readonly { readonly parents: readonly CommitId[] }[],
): boolean {
  const below = new Set([head, ...lacking.flatMap(({ parents }) => parents)]);
  return [...heads].every((kept) => below.has(kept));
}
