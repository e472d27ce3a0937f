import { messageOf } from '../../errors.ts';
import { createCertificateStore } from '../../identity/certificate-store-adapter.ts';
import { type Revocation, revokedBy } from '../../identity/revocation.ts';
import type { AccountUri, DeviceId } from '../../ids.ts';
import { GOODBYE_MS } from '../../limits.ts';
import { parseJson } from '../../parse-json.ts';
import type { PeerIdentity } from '../../ports.ts';
import { isRevoked } from '../../projections/revoked.ts';
import type { EngineParts } from '../engine-parts.ts';
import { hearRevocations } from './hear-revocations.ts';
import { addRevocation } from './known-revocations.ts';
import { createRevocationNews, type RevocationNews, type RevocationNewsParts } from './revocation-news.ts';
import { revocationsTold } from './revocation-told.ts';

/** Which devices their accounts still stand behind. Hears of revocations, keeps them, acts on them, and passes them on. */
export interface Standing {
  readonly news: RevocationNews;
  isRevoked(peer: PeerIdentity): boolean;
  /** What shows a revoked device that it is revoked. */
  proofFor(peer: PeerIdentity): string | undefined;
  /** A device told of a revocation. Whoever it is, only the signatures count. Throws FILE_FAILED, DISK_FULL. */
  receive(content: unknown, from: PeerIdentity | undefined): Promise<void>;
  /** A device that turned us away handed this over. */
  onTurnedAway(proof: string): void;
  /** Takes in what lies in the home and was not acted on: what `revokeDevice` has left there. Throws FILE_FAILED. */
  load(): Promise<void>;
}

export interface StandingParts
  extends Pick<EngineParts, 'home' | 'keeper' | 'clock' | 'log' | 'signal'>,
    Omit<RevocationNewsParts, 'known'> {
  /** Accounts that we have something in common with. */
  people(): ReadonlySet<AccountUri>;
  /** Cuts the links, and resets the channels, that are no longer allowed. */
  recheck(): void;
  /** This very device was revoked. */
  onSelfRevoked(): void;
  /** A device of the account was revoked from here. */
  onRevokedHere(): void;
}

interface Heard {
  readonly from?: DeviceId | undefined;
  /** Resolves when it is on disk. */
  readonly kept?: Promise<void>;
}

export function createStanding(parts: StandingParts): Standing {
  const { keys, keeper, clock, log, signal } = parts;
  const store = createCertificateStore(parts.home.path);
  const known = new Map<AccountUri, readonly Revocation[]>();
  const news = createRevocationNews({ ...parts, known });
  const proved = hearRevocations({ ...parts, known });
  const isGone = (peer: PeerIdentity) => isRevoked(keeper.state().revoked, peer);

  /** All that follows happens in the turn in which it is written down. Returns the devices that were not known to be revoked. */
  function act(revocation: Revocation, { from, kept }: Heard = {}): readonly DeviceId[] {
    const { account } = revocation;
    const fresh = [...revokedBy(revocation)].filter((device) => !isGone({ account, device }));
    for (const device of fresh) keeper.record({ kind: 'device-revoked', account, device, at: clock.now() });
    if (fresh.length > 0) log.info('devices were revoked', { account, devices: fresh });
    parts.recheck();
    const telling = news.tellAll(from);
    // A device that revokes itself is the only one to know, so it says so before it stops, and what stops it stays in its home.
    const settled = Promise.allSettled([telling, kept]);
    if (isGone(keys)) void Promise.race([settled, clock.wait(GOODBYE_MS, signal)]).then(parts.onSelfRevoked, () => {});
    return fresh;
  }

  /** Undefined when it is no news. */
  function add(heard: Revocation): Revocation | undefined {
    const { account } = heard;
    const added = addRevocation(known.get(account) ?? [], heard);
    if (added.outcome === 'full') log.warn('an account has revoked more than can be remembered', { account });
    if (added.outcome !== 'added') return undefined;
    known.set(account, added.revocations);
    return added.revocation;
  }

  async function receive(content: unknown, from: PeerIdentity | undefined): Promise<void> {
    const heard = await proved(content, from);
    const added = heard && add(heard);
    if (!added) return;
    const kept = store.keepRevocation(added);
    act(added, { from: from?.device, kept });
    await kept;
  }

  return {
    news,
    isRevoked: isGone,
    proofFor({ account, device }) {
      const revocation = known.get(account)?.find((one) => revokedBy(one).has(device));
      if (!revocation) return undefined;
      const pem = revocation.devices.get(device);
      const devices = new Map(pem === undefined ? [] : [[device, pem]]);
      return JSON.stringify(revocationsTold({ ...revocation, devices })[0]);
    },
    receive,
    onTurnedAway(proof) {
      receive(parseJson(proof), undefined).catch((error: unknown) =>
        log.warn('a revocation cannot be kept', { reason: messageOf(error) }),
      );
    },
    async load() {
      const added = (await store.revocations()).flatMap((revocation) => add(revocation) ?? []);
      const isOwnFresh = added.map((one) => act(one).length > 0 && one.account === keys.account);
      if (isOwnFresh.includes(true)) parts.onRevokedHere();
    },
  };
}
