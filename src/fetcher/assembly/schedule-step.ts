import type { DeviceId } from '../../ids.ts';
import type { Milliseconds } from '../../ports.ts';
import type { Range, Ranges } from '../ranges.ts';
import type { Step } from '../transfer/step.ts';
import type { ScheduleState } from './schedule-state.ts';

/** `at` is when it happened. Ranges are bytes of the file unless chunks are named. */
export type ScheduleInput =
  | { readonly kind: 'joined'; readonly source: DeviceId; readonly at: Milliseconds }
  | { readonly kind: 'left'; readonly source: DeviceId; readonly at: Milliseconds }
  /** Bytes of the file; the driver has them at hand. */
  | { readonly kind: 'arrived'; readonly source: DeviceId; readonly range: Range; readonly at: Milliseconds }
  /** The list that the source sent fits the root, or does not. */
  | { readonly kind: 'hashes'; readonly source: DeviceId; readonly areRight: boolean; readonly at: Milliseconds }
  /** These chunks were read back from the disk. */
  | {
      readonly kind: 'checked';
      readonly chunks: readonly number[];
      readonly bad: readonly number[];
      readonly at: Milliseconds;
    }
  /** Chunks that lay here checked turned out to be wrong after all. */
  | { readonly kind: 'spoiled'; readonly chunks: readonly number[]; readonly at: Milliseconds }
  /** Chunks that readers wait for, most urgent first. */
  | { readonly kind: 'wanted'; readonly chunks: Ranges }
  /** Time goes by. While we take nothing in, because our own disk is behind, nobody stalls. */
  | { readonly kind: 'tick'; readonly at: Milliseconds; readonly isHoldingBack: boolean };

export type ScheduleEffect =
  | { readonly kind: 'ask'; readonly source: DeviceId; readonly ranges: Ranges }
  | { readonly kind: 'ask-hashes'; readonly source: DeviceId }
  /** Do not send these any more. */
  | { readonly kind: 'skip'; readonly source: DeviceId; readonly ranges: Ranges }
  /** The source broke the rules; it is gone from the schedule already. */
  | { readonly kind: 'drop'; readonly source: DeviceId; readonly outcome: 'wrong-chunk' | 'protocol-broken' }
  /** The bytes that arrived are of use: write them. */
  | { readonly kind: 'keep' }
  /** All bytes of the chunk have arrived: check it, once they are written. */
  | { readonly kind: 'check'; readonly chunk: number }
  | { readonly kind: 'all-checked' };

export type ScheduleStep = Step<ScheduleState, ScheduleEffect>;
