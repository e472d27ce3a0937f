import type { Interaction } from '../events/interaction.ts';
import type { Heading } from '../events/linearized-history.ts';

/**
 * A named, versioned fold of a linearized history: a read model.
 *
 * Invariants: `evolve` is pure (no clock, disk, socket; no mutation of what it is given);
 * states are persistent structures, so that every earlier state stays valid and costs little.
 */
export interface Projection<State> {
  readonly name: string;
  /** Changes whenever the same history gives another state than before; old checkpoints are then dropped. */
  readonly version: number;
  readonly initial: State;
  evolve(state: State, interaction: Interaction): State;
  /** False when no interaction under this heading ever changes a state, so that none need be read. Always true without it. */
  concerns?(heading: Heading): boolean;
  /** Likewise of this one state, where others may well be changed. */
  concernsNow?(state: State, heading: Heading): boolean;
}

/** Folds a history from `state` on, the projection's initial one by default. */
export function project<State>(
  { initial, evolve }: Projection<State>,
  history: Iterable<Interaction>,
  state: State = initial,
): State {
  for (const interaction of history) state = evolve(state, interaction);
  return state;
}
