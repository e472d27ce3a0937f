import { backOff, drawnWait } from '../../back-off.ts';
import { isSyncError } from '../../errors.ts';
import { CLONE_BREAKS, CLONE_RETRY_MAX_MS, CLONE_RETRY_MS } from '../../limits.ts';
import type { Clock, Random } from '../../ports.ts';

export interface AgainWhenBroken {
  readonly clock: Pick<Clock, 'wait'>;
  readonly random: Pick<Random, 'below'>;
  readonly signal: AbortSignal;
}

const WAITS = { first: CLONE_RETRY_MS, longest: CLONE_RETRY_MAX_MS };

/**
 * Does it again, a while later, when the link broke under it: that says nothing of the other side. Throws what else it throws,
 * the last break of `CLONE_BREAKS`, and the signal's reason.
 */
export async function againWhenBroken<T>(
  run: () => Promise<T>,
  { clock, random, signal }: AgainWhenBroken,
): Promise<T> {
  for (let breaks = 1; ; breaks += 1) {
    try {
      return await run();
    } catch (error) {
      signal.throwIfAborted();
      if (!isSyncError(error, 'CHANNEL_CLOSED') || breaks === CLONE_BREAKS) throw error;
    }
    await clock.wait(drawnWait(backOff(breaks, WAITS), random), signal);
  }
}
