/** Who is known to hold, or to lack, which file: each device's own word, as last heard. */
import { Map as PersistentMap } from 'immutable';
import type { RecordOf } from '../../events/journal-record.ts';
import { holdingKey, unpackHoldings } from '../../events/peer/holdings.ts';
import type { CommitId, ConversationId, DeviceId } from '../../ids.ts';
import { emptyHoldingSet, type HoldingSet, withoutWord, withWords, wordOn } from './holding-set.ts';

export type Holdings = PersistentMap<ConversationId, PersistentMap<DeviceId, HoldingSet>>;

export const noHoldings: Holdings = PersistentMap();

export function evolveHoldings(holdings: Holdings, record: RecordOf<'holdings-told'>): Holdings {
  const { conversation, from, isAll } = record;
  const devices = holdings.get(conversation, PersistentMap<DeviceId, HoldingSet>());
  const before = devices.get(from, emptyHoldingSet);
  const words = { has: unpackHoldings(record.has) ?? [], lacks: unpackHoldings(record.lacks) ?? [] };
  return holdings.set(
    conversation,
    devices.set(from, { ...withWords(before, words), hasToldAll: before.hasToldAll || isAll }),
  );
}

/**
 * A device that was asked and does not have the file, or only a damaged copy, said so as well as one that told it unasked;
 * one that sends it has it.
 */
export function evolveHoldingsByAnswer(
  holdings: Holdings,
  { conversation, interaction, device, has }: HeldFile & { readonly has: boolean },
): Holdings {
  const devices = holdings.get(conversation, PersistentMap<DeviceId, HoldingSet>());
  const before = devices.get(device, emptyHoldingSet);
  const key = holdingKey(interaction);
  // That it told all and did not name the file is less than its word on this very file.
  if (wordOn(before, key) === has) return holdings;
  const words = has ? { has: [key], lacks: [] } : { has: [], lacks: [key] };
  return holdings.set(conversation, devices.set(device, withWords(before, words)));
}

/** As if nobody had said that it lacks the file: everybody may be asked again. */
export function forgetLacking(holdings: Holdings, { conversation, interaction }: Omit<HeldFile, 'device'>): Holdings {
  const devices = holdings.get(conversation);
  if (!devices) return holdings;
  const key = holdingKey(interaction);
  const forgetful = devices.map((set) => (wordOn(set, key) === false ? withoutWord(set, key) : set));
  return holdings.set(conversation, forgetful);
}

interface HeldFile {
  readonly conversation: ConversationId;
  readonly interaction: CommitId;
  readonly device: DeviceId;
}

export type Held = 'has' | 'lacks' | 'unknown';

/** What a device is known to hold. */
export function heldBy(holdings: Holdings, { conversation, interaction, device }: HeldFile): Held {
  const set = holdings.get(conversation)?.get(device);
  if (!set) return 'unknown';
  const word = wordOn(set, holdingKey(interaction));
  if (word === undefined) return set.hasToldAll ? 'lacks' : 'unknown';
  return word ? 'has' : 'lacks';
}

/** The device named this very file. */
export function hasSaid(holdings: Holdings, { conversation, interaction, device }: HeldFile): boolean {
  const set = holdings.get(conversation)?.get(device);
  return set !== undefined && wordOn(set, holdingKey(interaction)) !== undefined;
}
