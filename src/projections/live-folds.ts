import type { Interaction } from '../events/interaction.ts';
import type { Projection } from './projection.ts';

/** How far apart the states are that a late commit may send us back to. */
const CHECKPOINT_EVERY = 256;

// biome-ignore lint/suspicious/noExplicitAny: the states of a record of projections differ; each is given back with its own type.
export type Projections = Readonly<Record<string, Projection<any>>>;
export type StatesOf<P extends Projections> = {
  readonly [Name in keyof P]: P[Name] extends Projection<infer State> ? State : never;
};

/**
 * Keeps the states of several projections in step with a linearized history that grows, now and then in its middle.
 *
 * Invariant: after `update(history)` the states are those of folding the whole history from the beginning.
 * It rests on the order being stable under growth: a position that holds the same commit as before has the same commits before it.
 */
export interface LiveFolds<P extends Projections> {
  states(): StatesOf<P>;
  /** Folds what is new; returns the first position that was folded (again). */
  update(history: readonly Interaction[]): number;
}

export function createLiveFolds<P extends Projections>(projections: P): LiveFolds<P> {
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

export function initialStates<P extends Projections>(projections: P): StatesOf<P> {
  return mapStates(projections, ({ initial }) => initial);
}

export function evolveAll<P extends Projections>(
  projections: P,
  states: StatesOf<P>,
  interaction: Interaction,
): StatesOf<P> {
  return mapStates(projections, ({ evolve }, name) => evolve(states[name], interaction));
}

function mapStates<P extends Projections>(
  projections: P,
  change: (projection: P[keyof P], name: keyof P) => unknown,
): StatesOf<P> {
  const entries = Object.entries(projections).map(([name, projection]) => [
    name,
    change(projection as P[keyof P], name),
  ]);
  return Object.fromEntries(entries) as StatesOf<P>;
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
