import type { Heading, LinearizedHistory } from '../events/linearized-history.ts';
import { evolveSome, initialStates, type ProjectionSet, type StatesOf } from './projection-set.ts';

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
  update(history: LinearizedHistory): number;
  /** As `update`, with a rest after every few hundred positions; nobody may ask for states before it is over. */
  updateInSteps(history: LinearizedHistory): Generator<void, number>;
}

export function createLiveFolds<Projections extends ProjectionSet>(projections: Projections): LiveFolds<Projections> {
  const names: readonly (keyof Projections)[] = Object.keys(projections);
  let history: LinearizedHistory | undefined;
  let current = initialStates(projections);
  /** `checkpoints[i]` are the states before position `i * CHECKPOINT_EVERY`. */
  let checkpoints = [current];
  /** Whom a heading may concern at all. Headings are few, and the same objects. */
  const candidates = new Map<Heading, readonly (keyof Projections)[]>();
  /** Of each projection, what does not concern it as things stand. */
  const idle = new Map(names.map((name) => [name, new Set<Heading>()]));

  function goTo(states: StatesOf<Projections>): void {
    for (const name of names) if (states[name] !== current[name]) idle.get(name)?.clear();
    current = states;
  }

  function candidatesFor(heading: Heading): readonly (keyof Projections)[] {
    const known = candidates.get(heading);
    if (known) return known;
    const all = names.filter((name) => projections[name]?.concerns?.(heading) ?? true);
    candidates.set(heading, all);
    return all;
  }

  function isConcerned(name: keyof Projections, heading: Heading): boolean {
    if (idle.get(name)?.has(heading)) return false;
    const isConcern = projections[name]?.concernsNow?.(current[name], heading) ?? true;
    if (!isConcern) idle.get(name)?.add(heading);
    return isConcern;
  }

  /** The last kept states at the position or before it; returns where they stand. */
  function goBack(position: number): number {
    const checkpoint = Math.floor(position / CHECKPOINT_EVERY);
    checkpoints = checkpoints.slice(0, checkpoint + 1);
    goTo(checkpoints[checkpoint] ?? initialStates(projections));
    return checkpoint * CHECKPOINT_EVERY;
  }

  function* foldOn(next: LinearizedHistory, from: number): Generator<void> {
    for (let position = from; position < next.length; ) {
      const heading = next.heading(position);
      const possible = candidatesFor(heading);
      if (possible.some((name) => isConcerned(name, heading)))
        goTo(evolveSome(projections, possible, { states: current, interaction: next.at(position) }));
      position += 1;
      if (position % CHECKPOINT_EVERY > 0) continue;
      checkpoints[position / CHECKPOINT_EVERY] = current;
      yield;
    }
  }

  function* updateInSteps(next: LinearizedHistory): Generator<void, number> {
    const same = history ? firstDifference(history, next) : 0;
    yield* foldOn(next, history && same < history.length ? goBack(same) : same);
    history = next;
    return same;
  }

  return {
    states: () => current,
    update(next) {
      const steps = updateInSteps(next);
      let step = steps.next();
      while (!step.done) step = steps.next();
      return step.value;
    },
    updateInSteps,
  };
}

/** Binary search: once a position differs, all later ones do. */
function firstDifference(old: LinearizedHistory, next: LinearizedHistory): number {
  let low = 0;
  let high = Math.min(old.length, next.length);
  while (low < high) {
    const middle = (low + high) >> 1;
    if (old.idAt(middle) === next.idAt(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
