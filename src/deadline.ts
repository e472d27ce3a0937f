import { SyncError } from './errors.ts';
import type { Clock, Milliseconds } from './ports.ts';

export interface Deadline {
  /** As a sentence's subject: "Opening the channel". */
  readonly what: string;
  readonly ms: Milliseconds;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** The time that work has. It ends with the caller's signal as well; whoever began it disposes of it when the work is over. */
export interface RunningDeadline extends Disposable {
  /** Fires with TIMED_OUT when the time is up. */
  readonly signal: AbortSignal;
}

/** Made once: a reason made for each would have a stack to be traced. */
const MET = new SyncError('CANCELLED', { what: 'A deadline that was met' });

/** For work that ends in an orderly way once its signal has fired, and is waited for until then. */
export function startDeadline({ what, ms, clock, signal }: Deadline): RunningDeadline {
  const [late, over] = [new AbortController(), new AbortController()];
  clock.wait(ms, AbortSignal.any([signal, over.signal])).then(
    () => late.abort(new SyncError('TIMED_OUT', { what, ms })),
    () => {},
  );
  return { signal: AbortSignal.any([signal, late.signal]), [Symbol.dispose]: () => over.abort(MET) };
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
