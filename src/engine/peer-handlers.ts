import { SyncError } from '../errors.ts';
import type { Fetcher } from '../fetcher/fetcher.ts';
import { parseTransferChannelName } from '../fetcher/transfer-channel.ts';
import { ConversationId, type DeviceId } from '../ids.ts';
import { SYNC_MS } from '../limits.ts';
import type { Admission, NetChange, NetHandlers } from '../net/net.ts';
import type { Channel, PeerIdentity } from '../ports.ts';
import type { CommitExchange } from './commit-exchange.ts';
import type { EngineParts } from './engine-parts.ts';
import type { Invitations } from './invitations.ts';
import type { LiveConversation } from './live-conversation.ts';
import type { Messenger } from './messenger.ts';
import type { PeerKeeper } from './peer-keeper.ts';
import {
  CommitAnnouncement,
  gitChannelOf,
  messageChannelOf,
  PEER_MESSAGE_TYPES,
  type PeerMessage,
} from './peer-message.ts';
import type { Planner } from './planner.ts';

export interface PeerHandlersParts extends Pick<EngineParts, 'keys' | 'live' | 'log' | 'feed' | 'signal'> {
  readonly exchange: CommitExchange;
  readonly invitations: Invitations;
  readonly messenger: Messenger;
  readonly fetcher: Pick<Fetcher, 'onMessage' | 'serveChannel'>;
  readonly peers: PeerKeeper;
  readonly planner: Pick<Planner, 'poke'>;
}

/** What peers may do here. Strangers can be linked and can send an invitation; everything else asks the log. */
export function createPeerHandlers(parts: PeerHandlersParts): NetHandlers {
  return {
    admitPeer: (peer) => admitPeer(parts, peer),
    admitChannel: ({ name, peer }) => admitChannel(parts, name, peer),
    serveChannel: (channel) => serveChannel(parts, channel),
    onChange: (change) => onChange(parts, change),
  };
}

/** Whoever is banned somewhere and welcome nowhere stays outside. */
function admitPeer({ live }: PeerHandlersParts, { account, device }: PeerIdentity): Admission {
  const conversations = [...live.values()];
  const isWelcome = conversations.some((conversation) => conversation.isShownTo(account, device));
  const isBanned = conversations.some((conversation) => conversation.isBanned(account, device));
  return isBanned && !isWelcome ? { accept: false, reason: 'banned' } : { accept: true };
}

function admitChannel({ keys, live }: PeerHandlersParts, name: string, { account, device }: PeerIdentity): Admission {
  if (name === messageChannelOf(keys.device)) return { accept: true };
  const transfer = parseTransferChannelName(name);
  if (transfer) {
    const isWelcome = transfer.receiver === keys.device && live.get(transfer.conversation)?.isActive(account, device);
    return isWelcome ? { accept: true } : { accept: false, reason: 'not-a-member' };
  }
  const conversation = servedConversation(live, keys.device, name);
  if (!conversation) return { accept: false, reason: 'unknown-channel' };
  return conversation.isShownTo(account, device) ? { accept: true } : { accept: false, reason: 'not-a-member' };
}

async function serveChannel(
  { keys, live, messenger, fetcher, signal }: PeerHandlersParts,
  channel: Channel,
): Promise<void> {
  if (channel.name === messageChannelOf(keys.device)) return messenger.serve(channel);
  if (parseTransferChannelName(channel.name)) return fetcher.serveChannel(channel);
  const conversation = servedConversation(live, keys.device, channel.name);
  if (!conversation) throw new SyncError('CHANNEL_DECLINED', { channel: channel.name, reason: 'unknown-channel' });
  await conversation.log.serve(channel, { signal: AbortSignal.any([signal, AbortSignal.timeout(SYNC_MS)]) });
}

/** The conversation whose commits a `git://<own device>/<conversation>` channel is for. */
function servedConversation(
  live: ReadonlyMap<ConversationId, LiveConversation>,
  self: DeviceId,
  name: string,
): LiveConversation | undefined {
  const id = ConversationId.safeParse(name.slice(name.lastIndexOf('/') + 1));
  return id.success && name === gitChannelOf(self, id.data) ? live.get(id.data) : undefined;
}

function onChange(
  { live, exchange, invitations, messenger, peers, planner, feed }: PeerHandlersParts,
  change: NetChange,
): void {
  const { account, device } = change.kind === 'link-up' ? change.link.peer : change.peer;
  const isUp = change.kind === 'link-up';
  if (isUp) {
    for (const conversation of live.values()) {
      if (conversation.isShownTo(account, device)) exchange.announceTo(conversation, device);
      if (conversation.isInvited(account)) invitations.tell(conversation, device);
    }
  } else {
    messenger.forget(device);
    peers.wake(account);
  }
  feed.publish({ conversation: undefined, change: { kind: 'link', isUp, device, account } });
  planner.poke();
}

/** What arrived on a `msg:` channel. What is of no known form is dropped: newer peers may say more than we know. */
export function onPeerMessage(
  { exchange, invitations, fetcher, log }: Pick<PeerHandlersParts, 'exchange' | 'invitations' | 'fetcher' | 'log'>,
  peer: PeerIdentity,
  { type, content }: PeerMessage,
): void {
  if (type === PEER_MESSAGE_TYPES.announcement) {
    const announcement = CommitAnnouncement.safeParse(content);
    // A device speaks for itself only.
    if (announcement.success && announcement.data.deviceId === peer.device) {
      exchange.onAnnouncement(peer.device, announcement.data);
    }
  } else if (type === PEER_MESSAGE_TYPES.invite) invitations.receive(peer, content);
  else if (!fetcher.onMessage(peer, type, content))
    log.debug('a message of no known form', { from: peer.device, type });
}
