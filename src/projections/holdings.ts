/** Who is known to hold, or to lack, which file. */
import { Map as PersistentMap, Set as PersistentSet } from 'immutable';
import { type HoldingKey, holdingKey, unpackHoldings } from '../events/holdings.ts';
import type { RecordOf } from '../events/journal-record.ts';
import type { CommitId, ConversationId, DeviceId } from '../ids.ts';

/** What one device said about one conversation. */
export interface Told {
  readonly has: PersistentSet<HoldingKey>;
  readonly lacks: PersistentSet<HoldingKey>;
  /** It said once what all it holds: what it did not name, and could have known of, it lacked at `at`. */
  readonly at: number;
}

export type Holdings = PersistentMap<ConversationId, PersistentMap<DeviceId, Told>>;

export const noHoldings: Holdings = PersistentMap();

export function evolveHoldings(holdings: Holdings, record: RecordOf<'holdings-told'>): Holdings {
  const { conversation, from, isAll, at } = record;
  const devices = holdings.get(conversation, PersistentMap<DeviceId, Told>());
  const before = isAll ? undefined : devices.get(from);
  const [has, lacks] = [unpackHoldings(record.has) ?? [], unpackHoldings(record.lacks) ?? []];
  const told: Told = {
    has: (before?.has ?? PersistentSet<HoldingKey>()).subtract(lacks).union(has),
    lacks: (before?.lacks ?? PersistentSet<HoldingKey>()).subtract(has).union(lacks),
    at,
  };
  return holdings.set(conversation, devices.set(from, told));
}

export type Held = 'has' | 'lacks' | 'unknown';

/** What a device is known to hold: its own word, as last heard. */
export function heldBy(
  holdings: Holdings,
  file: { readonly conversation: ConversationId; readonly interaction: CommitId; readonly device: DeviceId },
): Held {
  const told = holdings.get(file.conversation)?.get(file.device);
  const key = holdingKey(file.interaction);
  if (told?.has.has(key)) return 'has';
  return told?.lacks.has(key) ? 'lacks' : 'unknown';
}
