/** One source as the schedule sees it: what it owes, and how fast it is. */
import {
  SOURCE_FIRST_WINDOW_BYTES,
  SOURCE_PACE_MS,
  SOURCE_WINDOW_BYTES,
  SOURCE_WINDOW_MS,
  STALL_MS,
} from '../../limits.ts';
import type { Milliseconds } from '../../ports.ts';
import type { Ranges } from '../ranges.ts';

export interface SourceState {
  /** Chunks that were asked of it and that nobody else was given since, in the order asked. */
  readonly owes: readonly number[];
  /** Bytes of them that did not arrive yet. */
  readonly underWay: number;
  /** Chunks that were ever asked of it: after a `skip` its bytes may still come, and are no offence. */
  readonly everAsked: Ranges;
  /** Bytes it may still send, skipped ones among them. */
  readonly allowance: number;
  /** Last sign of usefulness; when it was asked, if it owed nothing before. */
  readonly usefulAt: Milliseconds;
  readonly isStalled: boolean;
  /** Bytes per millisecond over the latest stretches of time; undefined before the first. */
  readonly measured: number | undefined;
  /** The stretch that is being measured. */
  readonly stretch: { readonly since: Milliseconds; readonly bytes: number };
  /** When the list of chunk hashes was asked of it; undefined when it was not. */
  readonly hashesAskedAt: Milliseconds | undefined;
}

export function newSource(at: Milliseconds): SourceState {
  return {
    owes: [],
    underWay: 0,
    everAsked: [],
    allowance: 0,
    usefulAt: at,
    isStalled: false,
    measured: undefined,
    stretch: { since: at, bytes: 0 },
    hashesAskedAt: undefined,
  };
}

/** Bytes that may be under way from it: a second's worth, so that a fast link is never idle and a slow source holds little. */
export function windowOf({ measured, isStalled }: SourceState): number {
  if (isStalled) return 0;
  if (measured === undefined) return SOURCE_FIRST_WINDOW_BYTES;
  return Math.min(SOURCE_WINDOW_BYTES, measured * SOURCE_WINDOW_MS);
}

/** Whether it may be asked for so many bytes more. One chunk is always allowed. */
export function mayOwe(source: SourceState, bytes: number): boolean {
  return source.owes.length === 0 || source.underWay + bytes <= windowOf(source);
}

/** Whether a part of its window is free that is worth a message of its own. */
export function hasRoomForPortion(source: SourceState): boolean {
  const window = windowOf(source);
  return source.owes.length === 0 || window - source.underWay >= window / PORTIONS;
}

/** Of a window: it is never empty, and a source is told of more this often while it delivers one. */
const PORTIONS = 8;

/** Bytes per millisecond it can be counted on for; undefined while nothing is known. What is measured now replaces what was before. */
export function paceOf(
  { owes, measured, stretch: { since, bytes } }: SourceState,
  at: Milliseconds,
): number | undefined {
  const elapsed = at - since;
  return owes.length === 0 || elapsed < SOURCE_WINDOW_MS ? measured : bytes / elapsed;
}

/** Bytes came, useful or not. */
export function measure(source: SourceState, count: number, at: Milliseconds): SourceState {
  const { since, bytes } = source.stretch;
  const elapsed = at - since;
  if (elapsed < SOURCE_PACE_MS) return { ...source, stretch: { since, bytes: bytes + count } };
  const latest = (bytes + count) / elapsed;
  const measured = source.measured === undefined ? latest : (source.measured + latest) / 2;
  return { ...source, measured, stretch: { since: at, bytes: 0 } };
}

/** A source that had nothing to do was not slow: its time counts from the asking on. */
export function beginToOwe(source: SourceState, at: Milliseconds): SourceState {
  if (source.owes.length > 0) return source;
  return { ...source, usefulAt: at, stretch: { since: at, bytes: 0 } };
}

export function isOverdue({ owes, usefulAt }: SourceState, at: Milliseconds): boolean {
  return owes.length > 0 && at - usefulAt > STALL_MS;
}

/** Whether it is still worth waiting for the list it was asked for. */
export function isExpectedToList({ hashesAskedAt }: SourceState, at: Milliseconds): boolean {
  return hashesAskedAt !== undefined && at - hashesAskedAt <= STALL_MS;
}
