import { PROGRESS_EVERY_MS } from '../../../limits.ts';
import type { Clock } from '../../../ports.ts';

/** Of each key, tells the first value at once, then the newest one at most every `PROGRESS_EVERY_MS`, the last one in the end. */
export interface Throttle<Value> {
  /** `isUrgent`: told at once, whatever was told of the key lately. */
  moved(key: string, value: Value, options?: { readonly isUrgent: boolean }): void;
}

export interface ThrottleOptions<Value> {
  readonly clock: Clock;
  /** Nothing is told after it has fired. */
  readonly signal: AbortSignal;
  tell(value: Value): void;
}

export function createThrottle<Value>({ clock, signal, tell }: ThrottleOptions<Value>): Throttle<Value> {
  /** Of the keys that were told of lately: what has not been told. */
  const untold = new Map<string, readonly Value[]>();

  async function tellWhileMoving(key: string): Promise<void> {
    for (let next = untold.get(key)?.at(-1); next !== undefined; next = untold.get(key)?.at(-1)) {
      untold.set(key, []);
      tell(next);
      await clock.wait(PROGRESS_EVERY_MS, signal);
    }
    untold.delete(key);
  }

  return {
    moved(key, value, { isUrgent } = { isUrgent: false }) {
      if (signal.aborted) return;
      const isRecent = untold.has(key);
      const isTold = isRecent && isUrgent;
      untold.set(key, isTold ? [] : [value]);
      if (isTold) tell(value);
      // It ends before its time with the signal only.
      else if (!isRecent) tellWhileMoving(key).catch(() => {});
    },
  };
}
