import type { Interaction } from '../events/interaction.ts';
import { evolveAll, initialStates, type ProjectionSet, type StatesOf } from './projection-set.ts';

/** How far apart the states are that a late commit may send us back to. */
const CHECKPOINT_EVERY = 256;

/**
 * Keeps the states of several projections in step with a linearized history that grows, now and then in its middle.
 *
 * Invariant: after `update(history)` the states are those of folding the whole history from the beginning.
 * It rests on the order being stable under growth: a position that holds the same commit as before has the same commits before it.
 */
export interface LiveFolds<Projections extends ProjectionSet> {
  states(): StatesOf<Projections>;
  /** Folds what is new; returns the first position that holds another commit than before. */
  update(history: readonly Interaction[]): number;
}

export function createLiveFolds<Projections extends ProjectionSet>(projections: Projections): LiveFolds<Projections> {
  let history: readonly Interaction[] = [];
  let current = initialStates(projections);
  /** `checkpoints[i]` are the states before position `i * CHECKPOINT_EVERY`. */
  let checkpoints = [current];

  return {
    states: () => current,
    update(next) {
      const same = firstDifference(history, next);
      let position = same;
      if (same < history.length) {
        const checkpoint = Math.floor(same / CHECKPOINT_EVERY);
        checkpoints = checkpoints.slice(0, checkpoint + 1);
        current = checkpoints[checkpoint] ?? initialStates(projections);
        position = checkpoint * CHECKPOINT_EVERY;
      }
      for (const interaction of next.slice(position)) {
        current = evolveAll(projections, current, interaction);
        position += 1;
        if (position % CHECKPOINT_EVERY === 0) checkpoints[position / CHECKPOINT_EVERY] = current;
      }
      history = next;
      return same;
    },
  };
}

/** Binary search: once a position differs, all later ones do. */
function firstDifference(old: readonly Interaction[], next: readonly Interaction[]): number {
  let low = 0;
  let high = Math.min(old.length, next.length);
  while (low < high) {
    const middle = (low + high) >> 1;
    if (old[middle]?.id === next[middle]?.id) low = middle + 1;
    else high = middle;
  }
  return low;
}
