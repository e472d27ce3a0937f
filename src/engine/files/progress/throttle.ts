import { PROGRESS_EVERY_MS, PROGRESS_PER_SECOND } from '../../../limits.ts';
import type { Clock, Milliseconds } from '../../../ports.ts';
import { createMoments } from '../../../projections/plan/moments.ts';

/**
 * Of each key, tells the first value at once, then the newest one at most every `PROGRESS_EVERY_MS`, the last one in the end.
 *
 * Invariant: in no second, wherever it begins, are there more than `PROGRESS_PER_SECOND` values of one key.
 */
export interface Throttle<Value> {
  /** `isUrgent`: told at once, however little time has passed, unless the second is full. */
  moved(key: string, value: Value, options?: Urgency): void;
}

interface Urgency {
  readonly isUrgent: boolean;
}

export interface ThrottleOptions<Value> {
  readonly clock: Clock;
  /** Nothing is told after it has fired. */
  readonly signal: AbortSignal;
  /** Something of what the value stands for was urgent, or nothing was. */
  tell(value: Value, urgency: Urgency): void;
}

interface Told<Value> {
  /** The times within the last second, oldest first. */
  at: readonly Milliseconds[];
  /** What came since. */
  untold: ({ readonly value: Value } & Urgency) | undefined;
}

const SECOND_MS = 1000;

export function createThrottle<Value>({ clock, signal, tell }: ThrottleOptions<Value>): Throttle<Value> {
  /** Of the keys that were told of in the last second. */
  const recent = new Map<string, Told<Value>>();
  const moments = createMoments<string>();
  let alarm = new AbortController();
  let alarmAt = Number.POSITIVE_INFINITY;

  function lookAt(key: string, told: Told<Value>): void {
    const now = clock.now();
    // A clock that was set back has no times to come.
    told.at = told.at.filter((at) => at <= now && now - at < SECOND_MS);
    const { untold } = told;
    if (untold && dueAt(told, untold) <= now) {
      told.at = [...told.at, now];
      told.untold = undefined;
      tell(untold.value, untold);
    }
    const last = told.at.at(-1);
    if (told.untold) moments.set(key, dueAt(told, told.untold));
    else if (last !== undefined) moments.set(key, last + SECOND_MS);
    else recent.delete(key);
  }

  /** One for all keys: there may be thousands. */
  function setAlarm(): void {
    const at = moments.next();
    if (at >= alarmAt || !Number.isFinite(at)) return;
    alarm.abort();
    alarm = new AbortController();
    alarmAt = at;
    // It ends before its time only for an earlier one, or with the signal.
    clock.wait(Math.max(0, at - clock.now()), AbortSignal.any([alarm.signal, signal])).then(onAlarm, () => {});
  }

  function onAlarm(): void {
    alarmAt = Number.POSITIVE_INFINITY;
    for (const key of moments.due(clock.now())) {
      const told = recent.get(key);
      if (told) lookAt(key, told);
    }
    setAlarm();
  }

  return {
    moved(key, value, { isUrgent } = { isUrgent: false }) {
      if (signal.aborted) return;
      const told = recent.get(key) ?? { at: [], untold: undefined };
      recent.set(key, told);
      told.untold = { value, isUrgent: isUrgent || told.untold?.isUrgent === true };
      lookAt(key, told);
      setAlarm();
    },
  };
}

/** When the newest value may be told. */
function dueAt<Value>({ at }: Told<Value>, { isUrgent }: Urgency): Milliseconds {
  const oldest = at.at(-PROGRESS_PER_SECOND) ?? Number.NEGATIVE_INFINITY;
  const last = at.at(-1) ?? Number.NEGATIVE_INFINITY;
  return Math.max(oldest + SECOND_MS, isUrgent ? Number.NEGATIVE_INFINITY : last + PROGRESS_EVERY_MS);
}
