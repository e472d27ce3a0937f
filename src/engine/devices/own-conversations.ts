import * as z from 'zod';
import { KnownConversation } from '../../events/known-conversation.ts';
import { createCertificateStore } from '../../identity/certificate-store-adapter.ts';
import { deviceBelongsTo } from '../../identity/chain.ts';
import { parseCertificates } from '../../identity/x509-adapter.ts';
import type { AccountUri, ConversationId, DeviceId } from '../../ids.ts';
import { CERTIFICATE_BYTES, CONVERSATIONS_TOLD, PEOPLE_TOLD, TITLE_CHARACTERS } from '../../limits.ts';
import type { Net } from '../../net/net.ts';
import type { PeerIdentity } from '../../ports.ts';
import { leftAloneUntil } from '../../projections/journal/quarantine.ts';
import { createCloneTries } from '../commits/clone-tries.ts';
import type { Clones } from '../commits/clones.ts';
import type { LiveConversation } from '../conversations/live-conversation.ts';
import type { EngineParts } from '../engine-parts.ts';
import type { CommitRoom } from '../home/commit-room.ts';
import type { Messenger } from './messenger.ts';
import { PEER_MESSAGE_TYPES } from './peer-message.ts';

/** What devices of one account tell each other: who they are, by their certificate, and where the account takes part. */
const ConversationsTold = z.object({
  certificate: z.string().max(CERTIFICATE_BYTES),
  conversations: z.array(KnownConversation).max(CONVERSATIONS_TOLD),
});
type ConversationsTold = z.infer<typeof ConversationsTold>;

/** Has every device of the account take part where one of them does. */
export interface OwnConversations {
  /** Tells an own device of everything. */
  tell(device: DeviceId): void;
  /** Tells the linked own devices of one conversation, if the account has joined it. */
  tellAll(conversation: LiveConversation): void;
  /** Believes nobody but own devices. Throws FILE_FAILED, DISK_FULL. */
  receive(from: PeerIdentity, content: unknown): Promise<void>;
  /** What the device may have is tried at once. */
  onLinked(peer: PeerIdentity): void;
  /** Begins to get what was told of and is not here. */
  start(): void;
  /** People of conversations that are not here yet. */
  people(): Iterable<AccountUri>;
  /** Resolves when no clone is under way any more; call after the signal has fired. */
  ended(): Promise<void>;
}

export interface OwnConversationsParts
  extends Pick<EngineParts, 'keys' | 'home' | 'keeper' | 'clock' | 'random' | 'log' | 'live' | 'signal'> {
  readonly net: Pick<Net, 'links'>;
  readonly messenger: Pick<Messenger, 'send'>;
  readonly clones: Clones;
  readonly room: Pick<CommitRoom, 'available'>;
  /** Links the devices of everybody who may have what we lack. */
  keepLinks(): void;
}

export function createOwnConversations(parts: OwnConversationsParts): OwnConversations {
  const { keys, keeper, clock, log, live, net, messenger } = parts;
  const store = createCertificateStore(parts.home.path);
  const tries = createCloneTries({ ...parts, devicesFor });
  const isOwn = ({ account }: PeerIdentity) => account === keys.account;
  const lacking = () => [...keeper.state().told.values()].filter(({ conversation }) => !live.has(conversation));

  function devicesFor(id: ConversationId): readonly DeviceId[] {
    const people = keeper.state().told.get(id)?.people ?? [];
    const { quarantine } = keeper.state();
    const isHeard = (peer: PeerIdentity) => leftAloneUntil(quarantine, id, peer.device) <= clock.now();
    const linked = net.links().flatMap(({ peer }) => (isHeard(peer) ? [peer] : []));
    const others = linked.filter((peer) => !isOwn(peer) && people.includes(peer.account));
    return [...linked.filter(isOwn), ...others].map(({ device }) => device);
  }

  function send(device: DeviceId, conversations: Iterable<LiveConversation>): void {
    const told = [...conversations]
      .filter((conversation) => conversation.isActive(keys.account, keys.device))
      .map(knownConversation);
    // At least once: the certificate is worth a message of its own.
    for (let at = 0; at === 0 || at < told.length; at += CONVERSATIONS_TOLD) {
      const some = told.slice(at, at + CONVERSATIONS_TOLD);
      const content: ConversationsTold = { certificate: keys.chain.device.pem, conversations: some };
      void messenger.send(device, { type: PEER_MESSAGE_TYPES.conversations, content });
    }
  }

  function note(from: DeviceId, { id: conversation, mode, title, people }: KnownConversation): void {
    if (live.has(conversation) || keeper.state().told.has(conversation)) return;
    keeper.record({
      ...{ kind: 'conversation-told', conversation, from, mode, people, at: clock.now() },
      ...(title !== undefined && { title }),
    });
  }

  async function keepCertificate(pem: string, device: DeviceId): Promise<void> {
    const { account, authority } = keys.chain;
    const [certificate] = parseCertificates(Buffer.from(pem));
    if (certificate?.longId === device && (await deviceBelongsTo(certificate, account)))
      await store.keepDevice(certificate.pem, account.pem + authority.pem);
    else log.warn('an own device told a certificate that is not its own', { device });
  }

  function start(): void {
    parts.keepLinks();
    for (const { conversation } of lacking()) tries.want(conversation);
  }

  return {
    tell: (device) => send(device, live.values()),
    tellAll(conversation) {
      if (!conversation.isActive(keys.account, keys.device)) return;
      for (const { peer } of net.links()) if (isOwn(peer)) send(peer.device, [conversation]);
    },
    async receive(peer, content) {
      const { data } = ConversationsTold.safeParse(content);
      if (!isOwn(peer) || !data) return;
      for (const conversation of data.conversations) note(peer.device, conversation);
      start();
      await keepCertificate(data.certificate, peer.device);
    },
    onLinked(peer) {
      for (const { conversation, people } of lacking())
        if (isOwn(peer) || people.includes(peer.account)) tries.wake(conversation);
    },
    start,
    people: () => lacking().flatMap(({ people }) => people),
    ended: tries.ended,
  };
}

function knownConversation(conversation: LiveConversation): KnownConversation {
  const title = conversation.title();
  return {
    id: conversation.id,
    mode: conversation.log.mode() ?? 'invites-only',
    people: conversation.people().slice(0, PEOPLE_TOLD),
    ...(title !== undefined && { title: title.slice(0, TITLE_CHARACTERS) }),
  };
}
