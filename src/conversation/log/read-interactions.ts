import type { CommitId } from '../../ids.ts';
import type { CommitGraph } from '../graph/commit-graph.ts';
import { walkedIds, walkHistory } from '../judge/walk-history.ts';
import { createPauses } from '../repository/housekeeping/pauses.ts';
import type { HistoryReader } from './history-reader.ts';
import { interactionOf, type UnlinkedInteraction } from './interaction-of.ts';

export interface ReadInteractions {
  /** Not read again; nothing unless given. */
  readonly known?: CommitGraph | undefined;
  readonly signal: AbortSignal;
}

/**
 * What the head reaches and `known` does not hold, in canonical order. Each commit is read once: what it says is
 * understood while its parents are looked for. Throws OBJECT_MISSING, OBJECT_CORRUPT, and the signal's reason.
 */
export async function readInteractions(
  history: HistoryReader,
  head: CommitId,
  { known, signal }: ReadInteractions,
): Promise<readonly UnlinkedInteraction[]> {
  const said = new Map<CommitId, UnlinkedInteraction>();
  let failure: unknown;

  async function commit(id: CommitId) {
    try {
      const read = await history.commitOnce(id);
      said.set(id, await interactionOf(history, read));
      return read;
    } catch (error) {
      failure ??= error;
      throw error;
    }
  }

  const walked = await walkHistory({ commit }, head, { known, signal });
  if (failure !== undefined) throw failure;
  const giveWay = createPauses();
  const interactions: UnlinkedInteraction[] = [];
  for (const id of walkedIds(walked)) {
    await giveWay();
    const interaction = said.get(id);
    if (interaction) interactions.push(interaction);
  }
  return interactions;
}
