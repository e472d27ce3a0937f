import { isSyncError } from '../../errors.ts';
import { createRateLimit } from '../../fetcher/pace/rate-limit.ts';
import {
  type Revocation,
  revokingAccount,
  type StatedRevocation,
  verifyRevocation,
} from '../../identity/revocation.ts';
import type { AccountUri } from '../../ids.ts';
import { REVOCATIONS_PER_MINUTE } from '../../limits.ts';
import type { PeerIdentity } from '../../ports.ts';
import type { EngineParts } from '../engine-parts.ts';
import { isAllKnown } from './known-revocations.ts';
import { RevocationTold } from './revocation-told.ts';

export interface HearRevocationsParts extends Pick<EngineParts, 'clock' | 'log'> {
  readonly keys: Pick<PeerIdentity, 'account'>;
  /** By account. */
  readonly known: ReadonlyMap<AccountUri, readonly Revocation[]>;
  /** Accounts that we have something in common with. */
  people(): ReadonlySet<AccountUri>;
}

/** Resolves to what a device told, if it is proved, about somebody we know, and was not told before. */
export type HearRevocation = (content: unknown, from: PeerIdentity | undefined) => Promise<Revocation | undefined>;

/** Proving a revocation takes a while, and whoever is linked may tell of one. So what is cheap to see is seen first. */
export function hearRevocations({ keys, known, people, clock, log }: HearRevocationsParts): HearRevocation {
  const limit = createRateLimit(clock, REVOCATIONS_PER_MINUTE);

  /** Own devices could revoke anyway, and who turns us away tells once for each time it is dialled. */
  function mayTell(from: PeerIdentity | undefined): boolean {
    return from === undefined || from.account === keys.account || limit.allows(from.device);
  }

  /** Throws MALFORMED, LIMIT_EXCEEDED, CHAIN_INVALID. */
  async function prove(stated: StatedRevocation): Promise<Revocation | undefined> {
    const account = revokingAccount(stated);
    return account && people().has(account) ? verifyRevocation(stated) : undefined;
  }

  return async (content, from) => {
    const { data } = RevocationTold.safeParse(content);
    if (!data) return undefined;
    const stated = { ...data, list: Buffer.from(data.list, 'base64') };
    if (isAllKnown([...known.values()].flat(), stated) || !mayTell(from)) return undefined;
    return prove(stated).catch((error: unknown) => {
      if (!isSyncError(error)) throw error;
      log.warn('a revocation that proves nothing was passed over', { from: from?.device, reason: error.message });
      return undefined;
    });
  };
}
