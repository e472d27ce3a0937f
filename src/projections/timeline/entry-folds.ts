import { createByteCache } from '../../byte-cache.ts';
import type { LinearizedHistory } from '../../events/linearized-history.ts';
import type { CommitId } from '../../ids.ts';
import { ENTRY_FOLDS_CHANGES } from '../../limits.ts';
import { project } from '../projection.ts';
import { type TimelineState, timeline } from './timeline.ts';

/** What entries that many commits change came to when they were last folded. */
export interface EntryFolds {
  /**
   * The timeline of these positions, ascending, of which `entry` is one and the others change it; folded on where only
   * later ones have come.
   */
  of(history: LinearizedHistory, entry: number, positions: readonly number[]): TimelineState;
}

interface FoldedEntry {
  readonly state: TimelineState;
  readonly count: number;
  /** The last commit of those. */
  readonly last: CommitId;
  /** What the entry comes after, which it shows. */
  readonly before: CommitId | undefined;
}

/** An entry of fewer commits is folded sooner than it is looked for. */
const FEW = 16;

export function createEntryFolds(few = FEW): EntryFolds {
  const kept = createByteCache<CommitId, FoldedEntry>(ENTRY_FOLDS_CHANGES, ({ count }) => count);
  return {
    of(history, entry, positions) {
      const id = history.idAt(entry);
      const before = entry > 0 ? history.idAt(entry - 1) : undefined;
      const last = positions.at(-1);
      if (positions.length <= few || last === undefined) return project(timeline, each(history, positions));
      const found = kept.get(id);
      const known = found?.before === before && isBeginning(history, positions, found) ? found : undefined;
      const state = project(timeline, each(history, positions.slice(known?.count ?? 0)), known?.state);
      kept.set(id, { state, count: positions.length, last: history.idAt(last), before });
      return state;
    },
  };
}

/** The order is stable under growth: when the last one is where it was, so are all before it, and none has come between. */
function isBeginning(
  history: LinearizedHistory,
  positions: readonly number[],
  known: FoldedEntry | undefined,
): known is FoldedEntry {
  const position = known && positions[known.count - 1];
  return position !== undefined && history.idAt(position) === known?.last;
}

function* each(history: LinearizedHistory, positions: readonly number[]) {
  for (const position of positions) yield history.at(position);
}
