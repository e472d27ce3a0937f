import { Map as PersistentMap, Set as PersistentSet } from 'immutable';
import type { RecordOf } from '../events/journal-record.ts';
import type { AccountUri, DeviceId } from '../ids.ts';

/**
 * Revoked devices by account. An account speaks for its own devices only: one that certified somebody else's key and
 * revoked that again would otherwise have revoked the other's device.
 */
export type Revoked = PersistentMap<AccountUri, PersistentSet<DeviceId>>;

export const noneRevoked: Revoked = PersistentMap();

/** Grows only: what is revoked stays so. */
export function evolveRevoked(revoked: Revoked, { account, device }: RecordOf<'device-revoked'>): Revoked {
  return revoked.set(account, revoked.get(account, PersistentSet<DeviceId>()).add(device));
}

export function isRevoked(
  revoked: Revoked,
  { account, device }: { readonly account: AccountUri; readonly device: DeviceId },
): boolean {
  return revoked.get(account)?.has(device) ?? false;
}
