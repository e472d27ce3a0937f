import { ETA_SPAN_MS, PROGRESS_EVERY_MS, RATE_SPAN_MS } from '../../../limits.ts';
import type { Milliseconds } from '../../../ports.ts';

/** How fast something grows: averages that forget what is long past. Only growth counts; a step back is a new beginning. */
export interface RateMeter {
  /** As last reported. */
  readonly bytes: number;
  /** Those of them that the averages know of: reports at the same moment count once the clock has moved on. */
  readonly counted: number;
  readonly since: Milliseconds;
  readonly at: Milliseconds;
  /** Bytes a second, still too low by what lies before `since`. */
  readonly recent: number;
  readonly steady: number;
}

export interface Speed {
  /** Follows what happens within `RATE_SPAN_MS`. */
  readonly bytesPerSecond: number;
  /** Over `ETA_SPAN_MS`: for guesses at the end, which should not jump. */
  readonly steadyBytesPerSecond: number;
}

export function startMeter(bytes: number, at: Milliseconds): RateMeter {
  return { bytes, counted: bytes, since: at, at, recent: 0, steady: 0 };
}

export function measure(meter: RateMeter, bytes: number, at: Milliseconds): RateMeter {
  if (bytes < meter.bytes || at < meter.at) return startMeter(bytes, at);
  const ms = at - meter.at;
  if (ms === 0) return { ...meter, bytes };
  const rate = ((bytes - meter.counted) * 1000) / ms;
  const blend = (average: number, span: Milliseconds) => rate + (average - rate) * Math.exp(-ms / span);
  const { recent, steady } = meter;
  return {
    ...meter,
    bytes,
    counted: bytes,
    at,
    recent: blend(recent, RATE_SPAN_MS),
    steady: blend(steady, ETA_SPAN_MS),
  };
}

/** Undefined while too little is known. Falls while nothing is reported for longer than the usual time between two reports. */
export function speedAt({ since, at, recent, steady }: RateMeter, now: Milliseconds): Speed | undefined {
  const known = at - since;
  if (known < PROGRESS_EVERY_MS) return undefined;
  const idle = Math.max(0, now - at - 2 * PROGRESS_EVERY_MS);
  /** Corrected for what lies before the first report. */
  const whole = (average: number, span: Milliseconds) =>
    (average * Math.exp(-idle / span)) / (1 - Math.exp(-(known + idle) / span));
  return { bytesPerSecond: whole(recent, RATE_SPAN_MS), steadyBytesPerSecond: whole(steady, ETA_SPAN_MS) };
}
