import { Map as PersistentMap, Set as PersistentSet } from 'immutable';
import type { RecordOf } from '../events/journal-record.ts';
import type { AccountUri, DeviceId } from '../ids.ts';
import { SEEN_DEVICES } from '../limits.ts';

/** Devices that were linked before they had written anything, by account. */
export type SeenDevices = PersistentMap<AccountUri, PersistentSet<DeviceId>>;

export const noneSeen: SeenDevices = PersistentMap();

/** An account can make as many devices as it likes: the first ones are remembered. */
export function evolveSeen(seen: SeenDevices, { account, device }: RecordOf<'device-seen'>): SeenDevices {
  const before = seen.get(account, PersistentSet<DeviceId>());
  return before.size < SEEN_DEVICES ? seen.set(account, before.add(device)) : seen;
}
