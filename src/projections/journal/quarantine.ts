/** Batches of commits that were refused, and the devices that are left alone for offering them. */
import { List, Map as PersistentMap } from 'immutable';
import { backOff } from '../../back-off.ts';
import type { RecordOf } from '../../events/journal-record.ts';
import type { CommitId, ConversationId, DeviceId } from '../../ids.ts';
import { REFUSALS_FORGOTTEN_MS, REFUSED_WAIT_MAX_MS, REFUSED_WAIT_MS } from '../../limits.ts';

/** One head that is not part of the log here, and why not. */
export interface RefusedHead {
  readonly conversation: ConversationId;
  readonly head: CommitId;
  readonly from: DeviceId;
  /**
   * `broken`: the commit breaks the rule. `unmergeable`: nothing is wrong with it, but this device cannot join it with
   * its own head.
   */
  readonly why: 'broken' | 'unmergeable';
  /** The first commit at fault, and the rule, as docs/rules.md has them. */
  readonly commit: CommitId;
  readonly rule: string;
  /** What was found, in words; empty in what older versions noted. */
  readonly message: string;
  /** The file at fault, where there is one. */
  readonly path?: string;
  /** When it was refused, in milliseconds since the Unix epoch. */
  readonly at: number;
  /** Until then nothing is fetched from the device in this conversation. */
  readonly leftAloneUntil: number;
}

/** How long a device is left alone in one conversation. */
export interface Rest {
  readonly times: number;
  readonly at: number;
  readonly until: number;
}

export interface Quarantine {
  /** The refusals of each head, one for each device that offered it, until the head is admitted after all. */
  readonly heads: PersistentMap<CommitId, List<RefusedHead>>;
  readonly rests: PersistentMap<string, Rest>;
}

export const emptyQuarantine: Quarantine = { heads: PersistentMap(), rests: PersistentMap() };

/** A device that offers one refused head after the other is left alone longer each time, in that conversation. */
export function quarantined(quarantine: Quarantine, record: RecordOf<'batch-refused'>): Quarantine {
  const { conversation, head, from, commit, rule, why = 'broken', message = '', file, at } = record;
  const isItsFault = why === 'broken';
  const rests = isItsFault ? rested(quarantine.rests, record) : quarantine.rests;
  const refused: RefusedHead = {
    ...{ conversation, head, from, why, commit, rule, message, at },
    ...(file !== undefined && { path: file }),
    leftAloneUntil: isItsFault ? (rests.get(keyOf(conversation, from))?.until ?? at) : at,
  };
  const others = quarantine.heads.get(head, List<RefusedHead>()).filter((one) => one.from !== from);
  return { heads: quarantine.heads.set(head, others.push(refused)), rests };
}

/** A head that another device served whole, or that could be merged in the end, is refused no more. */
export function released(quarantine: Quarantine, head: CommitId): Quarantine {
  return quarantine.heads.has(head) ? { ...quarantine, heads: quarantine.heads.delete(head) } : quarantine;
}

/**
 * What is known against the head, when this device offers it. What is wrong with commits is wrong whoever has them; objects
 * that are missing or damaged, or a pack that is too large, say something about the device that sent them only: otherwise
 * anybody could keep a good head from us by sending half of it.
 */
export function refusalOf(quarantine: Quarantine, head: CommitId, from: DeviceId): RefusedHead | undefined {
  return quarantine.heads.get(head)?.find((one) => one.from === from || !DEPENDS_ON_SENDER.has(one.rule));
}

const DEPENDS_ON_SENDER: ReadonlySet<string> = new Set(['OBJECT', 'R1']);

/** Until when nothing is fetched from the device in that conversation; 0 for a device that offered nothing bad lately. */
export function leftAloneUntil(quarantine: Quarantine, conversation: ConversationId, from: DeviceId): number {
  return quarantine.rests.get(keyOf(conversation, from))?.until ?? 0;
}

/** All of them, the oldest first. */
export function refusedHeads({ heads }: Quarantine): readonly RefusedHead[] {
  return [...heads.values()].flatMap((refusals) => [...refusals]).toSorted((a, b) => a.at - b.at);
}

function rested(
  rests: Quarantine['rests'],
  { conversation, from, at }: RecordOf<'batch-refused'>,
): Quarantine['rests'] {
  const key = keyOf(conversation, from);
  const before = rests.get(key);
  const isInARow = before !== undefined && at - before.at < REFUSALS_FORGOTTEN_MS;
  const times = isInARow ? before.times + 1 : 1;
  const wait = backOff(times, { first: REFUSED_WAIT_MS, longest: REFUSED_WAIT_MAX_MS });
  return rests.set(key, { times, at, until: at + wait });
}

const keyOf = (conversation: ConversationId, from: DeviceId): string => `${conversation} ${from}`;
