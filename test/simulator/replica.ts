/** One device of a simulation: the real log, exchange, projections and journal, on a simulated disk and network. */
import { setMaxListeners } from 'node:events';
import { cloneInto } from '../../src/conversation/clone/clone-into.ts';
import { conversationOver } from '../../src/conversation/conversation.ts';
import type { Intent } from '../../src/conversation/decisions/decide.ts';
import type { CertificateCache } from '../../src/conversation/judge/certificate-reader.ts';
import { loadLog } from '../../src/conversation/log/log-state.ts';
import type { Repository } from '../../src/conversation/repository/repository.ts';
import { foundIn } from '../../src/conversation/write/create-conversation.ts';
import { type CommitExchange, createCommitExchange } from '../../src/engine/commits/commit-exchange.ts';
import { openGitChannel } from '../../src/engine/commits/pull-commits.ts';
import { takePulled } from '../../src/engine/commits/take-pulled.ts';
import { createGrowth, type Growth } from '../../src/engine/conversations/growth.ts';
import { createLiveConversation, type LiveConversation } from '../../src/engine/conversations/live-conversation.ts';
import { createMessenger } from '../../src/engine/devices/messenger.ts';
import { createPeerHandlers, onPeerMessage } from '../../src/engine/devices/peer-handlers.ts';
import { CommitAnnouncement, PEER_MESSAGE_TYPES, type PeerMessage } from '../../src/engine/devices/peer-message.ts';
import type { EngineChange } from '../../src/engine/engine.ts';
import { createFeed } from '../../src/engine/feed.ts';
import { createIntents } from '../../src/engine/intents.ts';
import { type JournalKeeper, openJournalKeeper } from '../../src/engine/journal/journal-keeper.ts';
import { createNetSlot } from '../../src/engine/net-slot.ts';
import { createOneAtATime } from '../../src/engine/one-at-a-time.ts';
import { isSyncError } from '../../src/errors.ts';
import { createFileStore } from '../../src/fetcher/disk/file-store-adapter.ts';
import type { DeviceKeys } from '../../src/identity/identity.ts';
import type { CommitId, ConversationId, DeviceId } from '../../src/ids.ts';
import type { Clock, PeerIdentity, Random } from '../../src/ports.ts';
import { leftAloneUntil, refusalOf } from '../../src/projections/journal/quarantine.ts';
import { ENDLESS_ROOM } from '../support/conversation/endless-room.ts';
import { quietLog } from '../support/quiet-log.ts';
import { verifyAtOnce } from './accounts.ts';
import type { OpenDisk, SimulatedDisk } from './disk.ts';
import type { Network, OnlineDevice } from './network.ts';

export interface ReplicaOptions {
  readonly keys: DeviceKeys;
  readonly clock: Clock;
  readonly random: Random;
  readonly disk: SimulatedDisk;
  readonly network: Network;
  readonly certificates: CertificateCache;
  /** Told of everything that the replica takes in, right after. */
  onGrown(live: LiveConversation): void;
  /** Told of the merge commits that the replica writes. */
  onMerged(merge: CommitId): void;
  /** Told of each pack that was fetched, whatever became of it. */
  onPulled(outcome: string): void;
}

/** A device that is on. */
export interface Replica {
  readonly keys: DeviceKeys;
  live(): LiveConversation | undefined;
  /** Commits of which the journal tells that they were admitted. */
  journalled(): number;
  /** Founds the conversation. */
  found(): Promise<void>;
  /** Carries it out if the state of things allows it; false when not. */
  carryOut(intent: Intent): Promise<boolean>;
  /** Stops at once, as after a loss of power. */
  crash(): void;
}

interface Parts extends ReplicaOptions {
  readonly opened: OpenDisk;
  readonly keeper: JournalKeeper;
  readonly conversations: Map<ConversationId, LiveConversation>;
  readonly signal: AbortSignal;
  readonly net: ReturnType<typeof createNetSlot>;
  readonly log: typeof quietLog;
}

export async function startReplica(options: ReplicaOptions): Promise<Replica> {
  const { keys, disk, network } = options;
  const ending = new AbortController();
  setMaxListeners(0, ending.signal);
  const opened = disk.open();
  const parts: Parts = {
    ...{ ...options, opened, log: quietLog, signal: ending.signal },
    ...{ keeper: await openJournalKeeper(opened.journal, quietLog), conversations: new Map(), net: createNetSlot() },
  };
  const wired = wireReplica(parts);
  const repository = opened.repository();
  if (repository) {
    const conversation = await openOver(repository, parts);
    await wired.growth.take(conversation);
    options.onGrown(conversation);
  }
  const online = network.goOn(keys, wired.handlers);
  wired.startOn(online);
  return {
    keys,
    live: () => [...parts.conversations.values()][0],
    journalled: () => [...parts.keeper.state().admitted.values()].reduce((sum, ids) => sum + ids.size, 0),
    async found() {
      const fresh = opened.createRepository();
      await foundIn(fresh, keys, { mode: 'invites-only', seconds: Math.floor(options.clock.now() / 1000) });
      await fresh.place();
      await wired.growth.take(await openOver(fresh, parts));
    },
    carryOut: wired.carryOut,
    crash() {
      online.goOff();
      disk.crash();
      ending.abort(new Error('the device has crashed'));
    },
  };
}

interface WiredReplica {
  readonly growth: Growth;
  readonly handlers: ReturnType<typeof createPeerHandlers>;
  carryOut(intent: Intent): Promise<boolean>;
  startOn(online: OnlineDevice): void;
}

/** As the engine does it, without files, invitations and dialling. */
function wireReplica(parts: Parts): WiredReplica {
  const { keys, keeper, clock, log, signal, net, conversations: live } = parts;
  let recheckLinks = () => {};
  const feed = createFeed<EngineChange>(() => undefined);
  const messenger = createMessenger({ net, clock, log, signal, onMessage: (peer, message) => hear(peer, message) });
  const growth = createGrowth({
    ...{ keys, keeper, clock, feed, live, log, ...NOT_SIMULATED, recheckLinks: () => recheckLinks() },
    exchange: { announce: (conversation, except) => exchange.announce(conversation, except) },
    devices: () => NOT_SIMULATED,
  });
  const exchange: CommitExchange = createCommitExchange({
    ...{ self: keys, net, messenger, log, clock, random: parts.random, signal, room: ENDLESS_ROOM },
    conversation: (id) => live.get(id),
    isRevoked: () => false,
    isRefused: (head, from) => refusalOf(keeper.state().quarantine, head, from) !== undefined,
    leftAloneUntil: (id, from) => leftAloneUntil(keeper.state().quarantine, id, from),
    async onPulled(pulled) {
      parts.onPulled(pulled.outcome.outcome);
      if (pulled.outcome.outcome === 'admitted' && pulled.outcome.merged) parts.onMerged(pulled.outcome.merged);
      await takePulled({ growth, keeper, clock, log }, pulled);
      parts.onGrown(pulled.conversation);
    },
  });
  const shared = { ...NOT_SIMULATED, exchange, messenger, log };
  const handlers = createPeerHandlers({ ...shared, keys, live, feed, clock, signal });
  const intents = createIntents({ keeper, clock, signal }, { growth, fetcher: NOT_SIMULATED.fetcher });
  const joining = createJoining(parts, { growth, carryOut });

  async function carryOut(intent: Intent): Promise<boolean> {
    const [conversation] = live.values();
    if (!conversation) return false;
    try {
      await intents.carryOut(conversation, intent);
      parts.onGrown(conversation);
      return true;
    } catch (error) {
      if (signal.aborted || isSyncError(error, 'REFUSED')) return false;
      throw error;
    }
  }

  function hear(peer: PeerIdentity, message: PeerMessage): void {
    const { data } = CommitAnnouncement.safeParse(message.content);
    if (message.type === PEER_MESSAGE_TYPES.announcement && data && !live.has(data.id)) joining(peer.device, data.id);
    else onPeerMessage(shared, peer, message);
  }

  return {
    ...{ growth, handlers, carryOut },
    startOn(online) {
      net.fill(online.net);
      recheckLinks = () => online.net.recheck();
    },
  };
}

/** Clones what a device tells of and is not here, and joins it if the account has not done so. */
function createJoining(
  parts: Parts,
  { growth, carryOut }: Pick<WiredReplica, 'growth' | 'carryOut'>,
): (from: DeviceId, id: ConversationId) => void {
  const { keys, clock, net, opened, signal, certificates, conversations } = parts;
  const clones = createOneAtATime<ConversationId>(() => {});
  const cloneFrom = async (device: DeviceId, id: ConversationId) => {
    if (conversations.has(id)) return;
    await using channel = await openGitChannel(net, { device, conversation: id, clock, signal });
    const fresh = opened.createRepository();
    await cloneInto(fresh, { ...{ id, keys, clock, channel, signal, certificates }, verify: verifyAtOnce });
    await fresh.place();
    const conversation = await openOver(fresh, parts);
    await growth.take(conversation);
    parts.onGrown(conversation);
    if (!conversation.isActive(keys.account, keys.device)) await carryOut({ kind: 'join-conversation' });
    await channel.end({ signal });
  };
  return (device, id) => clones.run(id, () => cloneFrom(device, id));
}

async function openOver(
  repository: Repository,
  { keys, clock, certificates, signal }: Parts,
): Promise<LiveConversation> {
  const log = await loadLog(repository, { signal, certificates });
  const id = log.founding.conversation;
  if (!id) throw new TypeError('it has no first commit');
  const conversation = conversationOver({ id, repository, log, keys, clock, verify: verifyAtOnce });
  return createLiveConversation(conversation, { ...createFileStore('/nowhere'), staged: async () => new Map() });
}

const nothing = () => {};
const nothingLater = async () => {};
const no = () => false;

/** Parts of the engine that have nothing to do with which commits are where. */
const NOT_SIMULATED = {
  invitations: { tell: nothing, tellAll: nothing, forget: nothing, receive: nothing },
  peers: { keep: nothing, wake: nothing, wakeAll: nothing },
  planner: { follow: nothing, poke: nothing },
  presence: { scan: nothingLater, watch: nothing },
  deletions: { sweep: nothingLater },
  holdings: { follow: nothing, greet: nothing, forget: nothing, receive: no },
  offers: { onLinked: nothing, receive: no },
  fetcher: { cancel: nothing, pause: nothing, onMessage: no, onUnlinked: nothing, serveChannel: nothingLater },
  own: { tell: nothing, tellAll: nothing, onLinked: nothing, receive: nothingLater, people: () => [] },
  sightings: { note: nothing, noteLinked: nothing },
  banNews: { take: nothingLater, follow: nothingLater, tell: nothing, forget: nothing, proofFor: () => undefined },
  bansHeard: { receive: nothingLater, onTurnedAway: nothing },
  standing: {
    isRevoked: no,
    proofFor: () => undefined,
    receive: nothingLater,
    onTurnedAway: nothing,
    news: { tell: nothingLater, tellAll: nothingLater, forget: nothing },
  },
};
