/** Waits between tries that fail: each is twice as long as the one before. */
import type { Milliseconds, Random } from './ports.ts';

export interface Waits {
  readonly first: Milliseconds;
  readonly longest: Milliseconds;
}

/** The wait after so many failures in a row, of which there is at least one. */
export function backOff(failures: number, { first, longest }: Waits): Milliseconds {
  return Math.min(longest, first * 2 ** (failures - 1));
}

/**
 * Between the half of a wait and the whole of it, so that those who failed together do not come back together. `draw`, in
 * `[0, 1)`, says where.
 */
export function jittered(wait: Milliseconds, draw: number): number {
  return wait * (0.5 + draw / 2);
}

/** The same, drawn here. In whole milliseconds for an even wait. */
export function drawnWait(wait: Milliseconds, random: Pick<Random, 'below'>): Milliseconds {
  return wait / 2 + random.below(wait / 2 + 1);
}
