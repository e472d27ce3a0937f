/** Whether a source that owes bytes sends enough of them to keep what it was asked for. */
import { SLOW_SOURCE_BYTES, SLOW_SOURCE_MS } from '../../limits.ts';
import type { Milliseconds } from '../../ports.ts';

/** The stretch of time that is looked at. */
export interface PaceWatch {
  readonly since: Milliseconds;
  /** Bytes that had come by then. */
  readonly bytes: number;
}

export interface PaceLook {
  readonly at: Milliseconds;
  /** Bytes that have come in all. */
  readonly bytes: number;
  /** False while the source is held back, or owes nothing: then the time up to now does not count. */
  readonly isListening: boolean;
}

/** What comes of a look at the clock: the stretch to look at next, and whether the last one was too poor. */
export function watchPace(
  watch: PaceWatch,
  { at, bytes, isListening }: PaceLook,
): { readonly watch: PaceWatch; readonly isTooSlow: boolean } {
  if (!isListening) return { watch: { since: at, bytes }, isTooSlow: false };
  if (at - watch.since < SLOW_SOURCE_MS) return { watch, isTooSlow: false };
  return { watch: { since: at, bytes }, isTooSlow: bytes - watch.bytes < SLOW_SOURCE_BYTES };
}
