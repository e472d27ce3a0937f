import type { Clock } from '../../../src/ports.ts';
import { PATIENCE_MS } from './patience.ts';
import { realClock } from './real-clock.ts';

/** Waits that are longer are deadlines, or come after something went wrong. */
const LONGEST_WAIT_MS = 2500;

/** The real clock, on which only what never comes is given up: a machine that is busy does not run into deadlines. */
export const patientClock: Clock = {
  now: realClock.now,
  wait: (ms, signal) => realClock.wait(ms > LONGEST_WAIT_MS ? Math.max(ms, PATIENCE_MS) : ms, signal),
};
