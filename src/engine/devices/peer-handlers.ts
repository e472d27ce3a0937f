import { startDeadline } from '../../deadline.ts';
import { messageOf, SyncError } from '../../errors.ts';
import type { Fetcher } from '../../fetcher/fetcher.ts';
import { isBatchChannelTo } from '../../fetcher/small/batch-channel.ts';
import { parseTransferChannelName } from '../../fetcher/transfer/transfer-channel.ts';
import { ConversationId, type DeviceId } from '../../ids.ts';
import { SYNC_MS } from '../../limits.ts';
import type { Admission, NetChange, NetHandlers } from '../../net/net.ts';
import type { Channel, PeerIdentity } from '../../ports.ts';
import type { CommitExchange } from '../commits/commit-exchange.ts';
import type { LiveConversation } from '../conversations/live-conversation.ts';
import type { EngineParts } from '../engine-parts.ts';
import type { Planner } from '../files/fetch/planner.ts';
import type { HoldingsExchange } from '../files/holdings/holdings-exchange.ts';
import type { Offers } from '../files/offers/offers.ts';
import type { BanNews } from './ban-news.ts';
import type { BansHeard } from './bans-heard.ts';
import type { Invitations } from './invitations.ts';
import type { Messenger } from './messenger.ts';
import type { OwnConversations } from './own-conversations.ts';
import type { PeerKeeper } from './peer-keeper.ts';
import {
  CommitAnnouncement,
  gitChannelOf,
  messageChannelOf,
  PEER_MESSAGE_TYPES,
  type PeerMessage,
} from './peer-message.ts';
import type { Sightings } from './sightings.ts';
import type { Standing } from './standing.ts';

export interface PeerHandlersParts extends Pick<EngineParts, 'keys' | 'live' | 'log' | 'feed' | 'clock' | 'signal'> {
  readonly exchange: Pick<CommitExchange, 'announceTo' | 'onAnnouncement'>;
  readonly invitations: Pick<Invitations, 'tell' | 'forget' | 'receive'>;
  readonly messenger: Messenger;
  readonly fetcher: Pick<Fetcher, 'onMessage' | 'serveChannel' | 'onUnlinked'>;
  readonly own: Pick<OwnConversations, 'tell' | 'onLinked' | 'receive'>;
  readonly standing: Pick<Standing, 'isRevoked' | 'proofFor' | 'news' | 'receive' | 'onTurnedAway'>;
  readonly sightings: Pick<Sightings, 'note'>;
  readonly banNews: Pick<BanNews, 'tell' | 'forget' | 'proofFor'>;
  readonly bansHeard: BansHeard;
  readonly peers: Pick<PeerKeeper, 'wake' | 'wakeAll'>;
  readonly planner: Pick<Planner, 'poke'>;
  readonly holdings: Pick<HoldingsExchange, 'greet' | 'forget' | 'receive'>;
  readonly offers: Pick<Offers, 'onLinked' | 'receive'>;
}

/** What peers may do here. Strangers can be linked and can send an invitation; everything else asks the log. */
export function createPeerHandlers(parts: PeerHandlersParts): NetHandlers {
  return {
    admitPeer: (peer) => admitPeer(parts, peer),
    admitChannel: ({ name, peer }) => admitChannel(parts, name, peer),
    keepsChannel: ({ name, peer }) => keepsChannel(parts, name, peer),
    onTurnedAway(proof) {
      parts.standing.onTurnedAway(proof);
      parts.bansHeard.onTurnedAway(proof);
    },
    onAddressesChanged: () => parts.peers.wakeAll(),
    serveChannel: (channel) => serveChannel(parts, channel),
    onChange: (change) => onChange(parts, change),
  };
}

/** A device that its own account has revoked stays outside, and so does whoever is banned somewhere and welcome nowhere. */
function admitPeer({ keys, live, standing, banNews }: PeerHandlersParts, peer: PeerIdentity): Admission {
  if (standing.isRevoked(peer)) return turnedAway('revoked', standing.proofFor(peer));
  const { account, device } = peer;
  const conversations = [...live.values()];
  const isWelcome = conversations.some((conversation) => conversation.isShownTo(account, device));
  const isBanned = conversations.some((conversation) => conversation.isBanned(account, device));
  if (isBanned && !isWelcome) return turnedAway('banned', banNews.proofFor(peer));
  const isStranger = !isWelcome && account !== keys.account;
  return { accept: true, ...(isStranger && { isStranger }) };
}

function turnedAway(reason: string, proof: string | undefined): Admission {
  return { accept: false, reason, ...(proof !== undefined && { proof }) };
}

function admitChannel({ keys, live }: PeerHandlersParts, name: string, { account, device }: PeerIdentity): Admission {
  if (name === messageChannelOf(keys.device)) return { accept: true };
  const transfer = parseTransferChannelName(name);
  if (transfer) {
    const isWelcome = transfer.receiver === keys.device && live.get(transfer.conversation)?.isActive(account, device);
    return isWelcome ? { accept: true } : { accept: false, reason: 'not-a-member' };
  }
  if (isBatchChannelTo(keys.device, name))
    return isActiveSomewhere(live, { account, device }) ? { accept: true } : { accept: false, reason: 'not-a-member' };
  const conversation = servedConversation(live, keys.device, name);
  if (!conversation) return { accept: false, reason: 'unknown-channel' };
  return conversation.isShownTo(account, device) ? { accept: true } : { accept: false, reason: 'not-a-member' };
}

const CONVERSATION_CHANNEL = /^(data-transfer|git):\/\/(?:[0-9a-f]{64}\/)?([0-9a-f]{40})(?:\/|$)/;

/**
 * Whether a channel may stay open, whoever opened it: files are for members, commits for those who may see them. Of a
 * conversation that is being cloned nobody here knows yet who that is.
 */
function keepsChannel({ keys, live }: PeerHandlersParts, name: string, { account, device }: PeerIdentity): boolean {
  const isBatch = [keys.device, device].some((source) => isBatchChannelTo(source, name));
  if (isBatch) return isActiveSomewhere(live, { account, device });
  const [, scheme, id] = CONVERSATION_CHANNEL.exec(name) ?? [];
  const conversation = id === undefined ? undefined : live.get(ConversationId.parse(id));
  if (!conversation) return true;
  return scheme === 'git' ? conversation.isShownTo(account, device) : conversation.isActive(account, device);
}

/** Small files of all conversations share a channel; what they are asked for in is looked at file by file. */
function isActiveSomewhere(
  live: ReadonlyMap<ConversationId, LiveConversation>,
  { account, device }: PeerIdentity,
): boolean {
  return [...live.values()].some((conversation) => conversation.isActive(account, device));
}

async function serveChannel(
  { keys, live, messenger, fetcher, clock, signal }: PeerHandlersParts,
  channel: Channel,
): Promise<void> {
  if (channel.name === messageChannelOf(keys.device)) return messenger.serve(channel);
  const isTransfer = isBatchChannelTo(keys.device, channel.name) || parseTransferChannelName(channel.name);
  if (isTransfer) return fetcher.serveChannel(channel);
  const conversation = servedConversation(live, keys.device, channel.name);
  if (!conversation) throw new SyncError('CHANNEL_DECLINED', { channel: channel.name, reason: 'unknown-channel' });
  using deadline = startDeadline({ what: 'Serving commits', ms: SYNC_MS, clock, signal });
  await conversation.log.serve(channel, { signal: deadline.signal });
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

function onChange(parts: PeerHandlersParts, change: NetChange): void {
  const { messenger, fetcher, standing, banNews, invitations, peers, planner, holdings, feed } = parts;
  if (change.kind === 'link-moved') {
    // What the policy allows may depend on the path.
    planner.poke();
    return;
  }
  const peer = change.kind === 'link-up' ? change.link.peer : change.peer;
  const isUp = change.kind === 'link-up';
  // A link that comes up may take the place of one whose device was killed and is back before anybody noticed.
  fetcher.onUnlinked(peer.device);
  for (const { forget } of [standing.news, banNews, invitations]) forget(peer.device);
  if (isUp) onLinked(parts, peer);
  else {
    messenger.forget(peer.device);
    holdings.forget(peer.device);
    peers.wake(peer.account);
  }
  const { account, device } = peer;
  feed.publish({ conversation: undefined, change: { kind: 'link', isUp, device, account } });
  planner.poke();
}

function onLinked(parts: PeerHandlersParts, peer: PeerIdentity): void {
  const { keys, live, exchange, invitations, own, standing, banNews, sightings, holdings, offers } = parts;
  const { account, device } = peer;
  // Before anything else: what follows may come from a device that is revoked.
  void standing.news.tell(peer);
  banNews.tell(peer);
  sightings.note(peer);
  if (account === keys.account) own.tell(device);
  own.onLinked(peer);
  for (const conversation of live.values()) {
    if (conversation.isShownTo(account, device)) exchange.announceTo(conversation, device);
    if (conversation.isInvited(account)) invitations.tell(conversation, device);
  }
  holdings.greet(peer);
  offers.onLinked(peer);
}

export type MessageTakers = Pick<
  PeerHandlersParts,
  'exchange' | 'invitations' | 'offers' | 'fetcher' | 'own' | 'standing' | 'bansHeard' | 'holdings' | 'log'
>;

/** What arrived on a `msg:` channel. What is of no known form is dropped: newer peers may say more than we know. */
export function onPeerMessage(
  { exchange, invitations, offers, fetcher, own, standing, bansHeard, holdings, log }: MessageTakers,
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
  else if (type === PEER_MESSAGE_TYPES.revocation) inBackground(standing.receive(content, peer), log);
  else if (type === PEER_MESSAGE_TYPES.ban) inBackground(bansHeard.receive(content, peer.device), log);
  else if (type === PEER_MESSAGE_TYPES.conversations) inBackground(own.receive(peer, content), log);
  else if (offers.receive(peer, type, content) || holdings.receive(peer, type, content)) return;
  else if (!fetcher.onMessage(peer, type, content))
    log.debug('a message of no known form', { from: peer.device, type });
}

function inBackground(work: Promise<void>, log: EngineParts['log']): void {
  work.catch((error: unknown) => log.warn('what a device told was not taken', { reason: messageOf(error) }));
}
