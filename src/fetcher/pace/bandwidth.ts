import { SyncError } from '../../errors.ts';
import type { ConversationId } from '../../ids.ts';
import { BANDWIDTH_MIN } from '../../limits.ts';
import type { Clock } from '../../ports.ts';
import type { Direction } from '../fetcher-options.ts';
import { type AdjustablePace, createPace, type Pace, paceOfAll } from './pace.ts';

/** Bytes of files a second, `up` to other devices and `down` from them; without a figure there is no limit. */
export interface Rates {
  readonly up?: number;
  readonly down?: number;
}

/** For everything together, and for single conversations below that. */
export interface BandwidthLimits extends Rates {
  readonly conversations?: Readonly<Record<ConversationId, Rates>>;
}

/** `null` lifts a limit; what is not named stays as it is. Without a conversation it concerns everything together. */
export interface BandwidthChange {
  readonly conversation?: ConversationId;
  readonly up?: number | null;
  readonly down?: number | null;
}

/** How fast the bytes of files may move. Messages and commits are not held back. */
export interface Bandwidth {
  limits(): BandwidthLimits;
  /** Holds at once for what is moving already. Throws USAGE for a rate below `BANDWIDTH_MIN`. */
  change(change: BandwidthChange): void;
  paceOf(direction: Direction, conversation: ConversationId): Pace;
}

/** Throws USAGE for a rate below `BANDWIDTH_MIN`. */
export function createBandwidth(clock: Clock, start: BandwidthLimits = {}): Bandwidth {
  const lanes = new Map<string, { readonly serving: AdjustablePace; readonly receiving: AdjustablePace }>();
  let limits: BandwidthLimits = {};

  function laneOf(conversation: ConversationId | undefined) {
    const key = conversation ?? '';
    const lane = lanes.get(key) ?? { serving: createPace(clock), receiving: createPace(clock) };
    lanes.set(key, lane);
    return lane;
  }

  function change(wanted: BandwidthChange): void {
    requireSense(wanted);
    limits = changedLimits(limits, wanted);
    const { conversation } = wanted;
    const rates = conversation === undefined ? limits : limits.conversations?.[conversation];
    laneOf(conversation).serving.limit(rates?.up);
    laneOf(conversation).receiving.limit(rates?.down);
  }

  change(ratesOf(start));
  for (const [conversation, rates] of Object.entries(start.conversations ?? {}))
    change({ conversation: conversation as ConversationId, ...ratesOf(rates) });
  return {
    limits: () => limits,
    change,
    paceOf: (direction, conversation) => paceOfAll([laneOf(conversation)[direction], laneOf(undefined)[direction]]),
  };
}

function requireSense({ up, down }: BandwidthChange): void {
  for (const rate of [up, down]) {
    if (rate === undefined || rate === null || rate >= BANDWIDTH_MIN) continue;
    const detail = `A limit of ${rate} bytes a second is none that files could move at; give ${BANDWIDTH_MIN} or more.`;
    throw new SyncError('USAGE', { detail });
  }
}

/** The limits after a change. A conversation without limits is not listed. */
export function changedLimits(limits: BandwidthLimits, { conversation, up, down }: BandwidthChange): BandwidthLimits {
  const { conversations = {}, ...all } = limits;
  if (conversation === undefined) {
    return { ...changedRates(all, { up, down }), ...(Object.keys(conversations).length > 0 && { conversations }) };
  }
  const { [conversation]: before = {}, ...others } = conversations;
  const rates = changedRates(before, { up, down });
  const changed = Object.keys(rates).length > 0 ? { ...others, [conversation]: rates } : others;
  return { ...all, ...(Object.keys(changed).length > 0 && { conversations: changed }) };
}

type RatesChange = { readonly [Way in 'up' | 'down']: number | null | undefined };

function changedRates(rates: Rates, change: RatesChange): Rates {
  const up = change.up === undefined ? rates.up : change.up;
  const down = change.down === undefined ? rates.down : change.down;
  return { ...(typeof up === 'number' && { up }), ...(typeof down === 'number' && { down }) };
}

/** Only what is a rate, whatever else comes along. */
function ratesOf({ up, down }: Rates): Rates {
  return { ...(up !== undefined && { up }), ...(down !== undefined && { down }) };
}
