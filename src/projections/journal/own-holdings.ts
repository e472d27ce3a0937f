/** What this device tells others that it holds. */
import { type HoldingKey, holdingKey, LAST_HOLDING_KEY } from '../../events/peer/holdings.ts';
import type { ConversationId, DeviceId } from '../../ids.ts';
import { announcedFiles, type FilesState } from '../files.ts';
import { heldBy } from './holdings.ts';
import { isPresent, type JournalState } from './journal-state.ts';

/** Of the files that are announced and not taken back, those that are complete here; ascending. */
export function ownHoldings(files: FilesState, journal: JournalState): readonly HoldingKey[] {
  const keys: HoldingKey[] = [];
  for (const { interaction, isDeleted } of announcedFiles(files)) {
    if (!isDeleted && isPresent(journal, interaction)) keys.push(holdingKey(interaction));
  }
  return keys.sort((a, b) => a - b);
}

/** Of the same files, those that the device is known to hold. */
export function holdingsOf(
  device: DeviceId,
  { conversation, files }: { readonly conversation: ConversationId; readonly files: FilesState },
  { holdings }: JournalState,
): readonly HoldingKey[] {
  const keys: HoldingKey[] = [];
  for (const { interaction, isDeleted } of announcedFiles(files)) {
    if (!isDeleted && heldBy(holdings, { conversation, interaction, device }) === 'has') {
      keys.push(holdingKey(interaction));
    }
  }
  return keys;
}

export interface HoldingsSummary {
  readonly count: number;
  /** Each bit of the keys added up without carry; the order makes no difference. */
  readonly sum: number;
}

export function summaryOf(keys: readonly HoldingKey[]): HoldingsSummary {
  let [high, low] = [0, 0];
  for (const key of keys) {
    high ^= Math.floor(key / HALF);
    low ^= key % HALF;
  }
  return { count: keys.length, sum: high * HALF + low };
}

/** Numbers of 48 bits have two halves that bit operations can work on. */
const HALF = 2 ** 24;

export interface HoldingsPage {
  readonly after: number;
  readonly upTo: number;
  readonly has: readonly HoldingKey[];
}

/** Pages that together say of every possible key whether it is held. At least one. */
export function pagesOf(sorted: readonly HoldingKey[], size: number): readonly HoldingsPage[] {
  const count = Math.max(1, Math.ceil(sorted.length / size));
  return Array.from({ length: count }, (_, place) => {
    const has = sorted.slice(place * size, (place + 1) * size);
    const after = place === 0 ? -1 : (sorted[place * size - 1] ?? -1);
    const upTo = place === count - 1 ? LAST_HOLDING_KEY : (has.at(-1) ?? LAST_HOLDING_KEY);
    return { after, upTo, has };
  });
}
