import { SLOW_SOURCE_BYTES, SLOW_SOURCE_FILES, SLOW_SOURCE_MS } from '../../limits.ts';
import type { Milliseconds } from '../../ports.ts';

/** How fast a source gives small files: what came of it, or was declined, since a stretch of time began. */
export interface BatchPace {
  readonly since: Milliseconds;
  readonly files: number;
  readonly bytes: number;
}

export function paceFrom(since: Milliseconds): BatchPace {
  return { since, files: 0, bytes: 0 };
}

export function quickened({ since, files, bytes }: BatchPace, more: Omit<BatchPace, 'since'>): BatchPace {
  return { since, files: files + more.files, bytes: bytes + more.bytes };
}

/** A source that gives a file now and then would keep all the others waiting. */
export function isTooSlow(pace: BatchPace, at: Milliseconds): boolean {
  return isStretchOver(pace, at) && pace.files < SLOW_SOURCE_FILES && pace.bytes < SLOW_SOURCE_BYTES;
}

/** Each stretch is judged by itself: who was quick at first does not live on it. */
export function isStretchOver({ since }: BatchPace, at: Milliseconds): boolean {
  return at - since >= SLOW_SOURCE_MS;
}
