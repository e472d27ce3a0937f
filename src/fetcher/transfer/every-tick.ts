import { TRANSFER_TICK_MS } from '../../limits.ts';
import type { Clock, Milliseconds } from '../../ports.ts';

/** Calls back every `TRANSFER_TICK_MS` with the time, until it is over; resolves then. */
export async function everyTick(clock: Clock, over: AbortSignal, onTick: (at: Milliseconds) => void): Promise<void> {
  while (!over.aborted) {
    await clock.wait(TRANSFER_TICK_MS, over).catch(() => {});
    if (!over.aborted) onTick(clock.now());
  }
}
