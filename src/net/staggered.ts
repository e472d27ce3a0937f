import { SyncError } from '../errors.ts';
import type { Clock, Milliseconds } from '../ports.ts';

export interface Staggering<Value> {
  /** How long the next try waits for the one before it to succeed or to fail. */
  readonly headStart: Milliseconds;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Frees what a try brought that came too late. */
  discard(value: Value): void;
}

/**
 * The first success of several tries, which begin one after the other: each when the one before it has failed or has had
 * its head start. Once there is a success the others are aborted. Throws the signal's reason, or all failures in one
 * AggregateError.
 */
export async function staggered<Value>(
  tries: readonly ((signal: AbortSignal) => Promise<Value>)[],
  { headStart, clock, signal, discard }: Staggering<Value>,
): Promise<Value> {
  signal.throwIfAborted();
  const over = new AbortController();
  const inner = AbortSignal.any([signal, over.signal]);
  let isWon = false;

  async function run(attempt: (signal: AbortSignal) => Promise<Value>): Promise<Value> {
    const value = await attempt(inner);
    if (!isWon && !signal.aborted) {
      isWon = true;
      return value;
    }
    discard(value);
    throw new SyncError('CANCELLED', { what: 'A try that came second' });
  }

  try {
    const begun: Promise<Value>[] = [];
    for (const attempt of tries) {
      const running = run(attempt);
      begun.push(running);
      await Promise.race([running, clock.wait(headStart, inner)]).catch(() => {});
      if (isWon || signal.aborted) break;
    }
    return await Promise.any(begun);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    over.abort(new SyncError('CANCELLED', { what: 'A try that came second' }));
  }
}

/** Each failure of `staggered`, worded by the caller. */
export function failuresIn(error: unknown): readonly unknown[] {
  return error instanceof AggregateError ? error.errors : [error];
}
