import type { Clock } from '../ports.ts';

/**
 * The time of a new commit, in seconds since the Unix epoch: the clock's, but never before that of a parent.
 * A clock that was set back must not turn the order round.
 */
export function secondsAfter(clock: Clock, parents: readonly (number | undefined)[]): number {
  return Math.max(Math.floor(clock.now() / 1000), ...parents.map((seconds) => seconds ?? 0));
}
