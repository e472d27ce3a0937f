import { monitorEventLoopDelay } from 'node:perf_hooks';

/** How late this process got round to what was due, in milliseconds. */
export interface EventLoopDelay {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

const SAMPLE_EVERY_MS = 10;
const NANOSECONDS = 1e6;

/** For measuring only: it samples from the first look on. Each look tells of the time since the one before. */
export function createEventLoopDelay(): { look(): EventLoopDelay } {
  const histogram = monitorEventLoopDelay({ resolution: SAMPLE_EVERY_MS });
  // A sample is the time from one tick of a timer to the next: what is above the timer's own period is delay.
  const delay = (nanoseconds: number) => Math.max(0, nanoseconds / NANOSECONDS - SAMPLE_EVERY_MS);
  return {
    look() {
      histogram.enable();
      const { count, max } = histogram;
      const at = (percentile: number) => (count > 0 ? delay(histogram.percentile(percentile)) : 0);
      const seen = { p50Ms: at(50), p99Ms: at(99), maxMs: count > 0 ? delay(max) : 0 };
      histogram.reset();
      return seen;
    },
  };
}
