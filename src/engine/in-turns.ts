import { FILES_PER_TURN } from '../limits.ts';

/** Many files, or interactions, so many at a time as the event loop can be kept with. Call `nextTurn` in between. */
export function* inTurns<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < all.length; start += FILES_PER_TURN) yield all.slice(start, start + FILES_PER_TURN);
}

/** Resolves when everybody else had a turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
