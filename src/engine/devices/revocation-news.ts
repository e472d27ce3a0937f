import type { Revocation } from '../../identity/revocation.ts';
import type { AccountUri, DeviceId } from '../../ids.ts';
import type { Net } from '../../net/net.ts';
import type { PeerIdentity } from '../../ports.ts';
import type { EngineParts } from '../engine-parts.ts';
import type { Messenger } from './messenger.ts';
import { PEER_MESSAGE_TYPES } from './peer-message.ts';
import { revocationsTold } from './revocation-told.ts';

export interface RevocationNewsParts extends Pick<EngineParts, 'keys' | 'live'> {
  readonly net: Pick<Net, 'links'>;
  readonly messenger: Pick<Messenger, 'send'>;
  /** By account. */
  readonly known: ReadonlyMap<AccountUri, readonly Revocation[]>;
}

/** Passes revocations on: to those whom they concern, each once on a link. */
export interface RevocationNews {
  tell(peer: PeerIdentity): Promise<void>;
  /** Tells every linked device, but for the one it was heard from. */
  tellAll(from?: DeviceId): Promise<void>;
  /** The link is gone: what was told on it may not have been heard. */
  forget(device: DeviceId): void;
}

export function createRevocationNews({ keys, live, net, messenger, known }: RevocationNewsParts): RevocationNews {
  const told = new Map<DeviceId, Set<Revocation>>();

  /** People of a conversation hear of each other's devices; own devices hear of everybody's. */
  function concerns(account: AccountUri, peer: PeerIdentity): boolean {
    if (account === peer.account || peer.account === keys.account) return true;
    return [...live.values()].some(
      (conversation) => conversation.isShownTo(peer.account, peer.device) && conversation.people().includes(account),
    );
  }

  function newsFor(peer: PeerIdentity): readonly Revocation[] {
    const before = told.get(peer.device) ?? new Set();
    const concerning = [...known].flatMap(([account, revocations]) => (concerns(account, peer) ? revocations : []));
    told.set(peer.device, new Set(concerning));
    return concerning.filter((revocation) => !before.has(revocation));
  }

  async function tell(peer: PeerIdentity): Promise<void> {
    const contents = newsFor(peer).flatMap(revocationsTold);
    await Promise.all(
      contents.map((content) => messenger.send(peer.device, { type: PEER_MESSAGE_TYPES.revocation, content })),
    );
  }

  return {
    tell,
    async tellAll(from) {
      const peers = net.links().map(({ peer }) => peer);
      for (const peer of peers) if (peer.device === from) newsFor(peer);
      await Promise.all(peers.filter(({ device }) => device !== from).map(tell));
    },
    forget: (device) => void told.delete(device),
  };
}
