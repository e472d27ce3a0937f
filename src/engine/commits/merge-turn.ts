import type { DeviceId } from '../../ids.ts';
import { MERGE_TURN_MAX_MS, MERGE_TURN_MS, MERGE_TURN_ROUND_TRIPS, MERGES_DRAWN } from '../../limits.ts';
import type { Milliseconds, Random } from '../../ports.ts';

export interface MergeTurn {
  /** Whom it falls to: the smallest id of those who could merge. */
  readonly leader: DeviceId;
  /** How long this device gives the others. */
  readonly wait: Milliseconds;
}

/** A linked device that could merge. */
export interface Merger {
  readonly device: DeviceId;
  /** Undefined while it has not been measured. */
  readonly roundTripMs: Milliseconds | undefined;
}

export interface Divergence {
  readonly self: DeviceId;
  readonly others: readonly Merger[];
  /** How many merges lie on top of both heads. */
  readonly stacked: number;
  /** How many devices have a smaller id, of all those in the log that could merge, linked or not. */
  readonly place: number;
}

/**
 * Who merges two heads, and when. Devices that are all linked with each other name the same leader, which merges at once;
 * the others hear of its merge long before they would merge themselves. They draw their waits, so that they do not all
 * take the place of a leader that is silent.
 *
 * Merges of merges show that two devices merged at the same time, each not having heard of the other. Each such layer
 * doubles all waits, the leader's too: whatever the network's delay, after a few of them one device is first. When dice have
 * not settled it, the log does: by then all heads have the same files, so all devices have the same places.
 */
export function mergeTurn({ self, others, stacked, place }: Divergence, random: Random): MergeTurn {
  const own: Merger = { device: self, roundTripMs: undefined };
  const leader = others.reduce((first, other) => (other.device < first.device ? other : first), own);
  if (stacked > MERGES_DRAWN) return { leader: leader.device, wait: ownTime(place, stacked) };
  const whole = turnOf(leader) * 2 ** Math.max(0, stacked - 1);
  if (leader !== own) return { leader: leader.device, wait: whole + random.below(2 * whole) };
  return { leader: self, wait: stacked > 1 ? random.below(whole) : 0 };
}

/**
 * Odd multiples of different powers of two: no two places have the same time in any two layers, and they lie apart by the
 * unit of the smaller layer at least.
 */
function ownTime(place: number, stacked: number): Milliseconds {
  return MERGE_TURN_MS * 2 ** (stacked - 1) * (2 * place + 1);
}

/** Hearing of a head, fetching it, and telling of the merge are several round trips. */
function turnOf({ roundTripMs = 0 }: Merger): Milliseconds {
  return Math.max(MERGE_TURN_MS, Math.min(MERGE_TURN_MAX_MS, Math.ceil(MERGE_TURN_ROUND_TRIPS * roundTripMs)));
}
