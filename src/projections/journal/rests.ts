/** Devices that are left alone for a while, for whatever file: they could not be reached, or were asked too often. */
import { Map as PersistentMap } from 'immutable';
import { backOff, jittered } from '../../back-off.ts';
import type { RecordOf } from '../../events/journal-record.ts';
import type { DeviceId } from '../../ids.ts';
import { REQUEST_RETRY_MAX_MS, REQUEST_RETRY_MS } from '../../limits.ts';
import { draw } from '../plan/draw.ts';

export interface Rest {
  readonly why: 'not-reachable' | 'too-many-requests';
  /** How often in a row. */
  readonly tries: number;
  readonly at: number;
  readonly until: number;
}

export type Rests = PersistentMap<DeviceId, Rest>;

export const noRests: Rests = PersistentMap();

/** A device rests longer each time. What it says beside that, and whatever it sends, ends its rest. */
export function evolveRests(
  rests: Rests,
  record: RecordOf<'request-declined' | 'sub-transfer-started' | 'file-accepted'>,
): Rests {
  if (record.kind === 'file-accepted') return rests.clear();
  if (record.kind === 'sub-transfer-started') return rests.delete(record.peer);
  const { from, reason, at } = record;
  if (!isRestful(reason)) return reason === 'no-answer' ? rests : rests.delete(from);
  const before = rests.get(from);
  // Many files fail together: that is one failure of the device.
  if (before && at < before.until) return rests;
  const tries = (before?.tries ?? 0) + 1;
  const wait = backOff(tries, { first: REQUEST_RETRY_MS, longest: REQUEST_RETRY_MAX_MS });
  const until = Math.ceil(at + jittered(wait, draw(from, from, tries)));
  return rests.set(from, { why: reason, tries, at, until });
}

/** What says something about the device, and nothing about the file. */
export function isRestful(reason: RecordOf<'request-declined'>['reason']): reason is Rest['why'] {
  return reason === 'not-reachable' || reason === 'too-many-requests';
}

/** When its rest ends; 0 for a device that has none. A link that came up since is news. */
export function restsUntil(rests: Rests, device: DeviceId, linkedSince: number | undefined): number {
  const rest = rests.get(device);
  if (!rest) return 0;
  const isForgiven = rest.why === 'not-reachable' && linkedSince !== undefined && linkedSince > rest.at;
  return isForgiven ? 0 : rest.until;
}
