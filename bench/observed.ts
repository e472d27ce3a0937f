import { monitorEventLoopDelay } from 'node:perf_hooks';
import { watchOwnMemory } from './own-memory.ts';

const RESOLUTION_MS = 1;

export interface Observed<Result> {
  readonly result: Result;
  /** How far the resident memory of this process rose above what it was before, in MiB. */
  readonly peakMiB: number;
  /** The longest that anything due on the event loop had to wait. */
  readonly loopWorstMs: number;
}

/** Does something in this process and watches what it takes. */
export async function observed<Result>(work: () => Promise<Result>): Promise<Observed<Result>> {
  const memory = watchOwnMemory();
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  try {
    const result = await work();
    // What held the loop up at the very end is noticed a turn later.
    await new Promise((resolve) => setTimeout(resolve, 2 * RESOLUTION_MS));
    const loopWorstMs = Math.round(delay.max / 1e6);
    return { result, peakMiB: memory.stop(), loopWorstMs };
  } finally {
    delay.disable();
    memory.stop();
  }
}
