import { SyncError } from '../errors.ts';
import type { Clock, Milliseconds } from '../ports.ts';

export interface Deadline {
  /** As a sentence's subject: "Opening the channel". */
  readonly what: string;
  readonly ms: Milliseconds;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Runs work that must end in time. The work's signal fires when the time is up, when the caller's signal fires, and when
 * the work has ended, so that whatever it left behind stops. Throws TIMED_OUT, the signal's reason, or what the work throws.
 */
export async function withDeadline<T>(deadline: Deadline, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { what, ms, clock, signal } = deadline;
  signal.throwIfAborted();
  const ended = new AbortController();
  const inner = AbortSignal.any([signal, ended.signal]);
  const timeUp = clock.wait(ms, inner).then(() => {
    const error = new SyncError('TIMED_OUT', { what, ms });
    ended.abort(error);
    throw error;
  });
  timeUp.catch(() => {});
  try {
    return await Promise.race([work(inner), timeUp]);
  } finally {
    ended.abort(new SyncError('CANCELLED', { what }));
  }
}
