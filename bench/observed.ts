import { monitorEventLoopDelay } from 'node:perf_hooks';

/** A look takes a good part of a millisecond. */
const LOOK_EVERY_MS = 50;
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
  const before = process.memoryUsage.rss();
  let most = before;
  const look = () => {
    most = Math.max(most, process.memoryUsage.rss());
  };
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  const looking = setInterval(look, LOOK_EVERY_MS);
  delay.enable();
  try {
    const result = await work();
    // What held the loop up at the very end is noticed a turn later.
    await new Promise((resolve) => setTimeout(resolve, 2 * RESOLUTION_MS));
    look();
    const loopWorstMs = Math.round(delay.max / 1e6);
    return { result, peakMiB: Math.round((most - before) / 2 ** 20), loopWorstMs };
  } finally {
    delay.disable();
    clearInterval(looking);
  }
}
