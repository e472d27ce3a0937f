import type { PullOutcome } from '../conversation/conversation.ts';
import { isSyncError, messageOf } from '../errors.ts';
import type { AccountUri, CommitId, ConversationId, DeviceId } from '../ids.ts';
import { CHANNEL_OPEN_MS, MERGE_PATIENCE_MS, SYNC_MS } from '../limits.ts';
import type { Net } from '../net/net.ts';
import type { Channel, Clock, Log, PeerIdentity } from '../ports.ts';
import type { LiveConversation } from './live-conversation.ts';
import type { Messenger } from './messenger.ts';
import { createOneAtATime } from './one-at-a-time.ts';
import { type CommitAnnouncement, gitChannelOf, PEER_MESSAGE_TYPES } from './peer-message.ts';

/** A pull that changed something, or was refused. */
export interface Pulled {
  readonly conversation: LiveConversation;
  readonly from: DeviceId;
  readonly outcome: PullOutcome;
}

export interface CommitExchangeOptions {
  readonly self: DeviceId;
  readonly net: Pick<Net, 'openChannel' | 'links'>;
  readonly messenger: Pick<Messenger, 'send'>;
  readonly log: Log;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  conversation(id: ConversationId): LiveConversation | undefined;
  /** A head that was refused is not fetched again. */
  isRefused(head: CommitId): boolean;
  /** Whether the account no longer stands behind the device. */
  isRevoked(peer: PeerIdentity): boolean;
  /** Told after each pull that changed something or was refused. */
  onPulled(pulled: Pulled): Promise<void>;
}

/** Keeps the conversations of linked devices in step: tells them of new heads, and pulls when they tell of theirs. */
export interface CommitExchange {
  /** Tells every linked device of the conversation's people what our head is now, but for the one it came from. */
  announce(conversation: LiveConversation, except?: DeviceId): void;
  /** Tells one device. */
  announceTo(conversation: LiveConversation, device: DeviceId): void;
  onAnnouncement(from: DeviceId, announcement: CommitAnnouncement): void;
  /** Resolves when no pull is under way. */
  idle(): Promise<void>;
}

export function createCommitExchange(options: CommitExchangeOptions): CommitExchange {
  const { self, net, messenger, log, clock, signal } = options;
  const pulls = createOneAtATime<string>((key, error) => {
    if (!signal.aborted) log.warn('pull failed', { key, reason: messageOf(error) });
  });

  /** The latest head that each peer is to merge: one wait for all it tells of meanwhile. */
  const leftToMerge = new Map<string, Announced>();

  function announceTo(conversation: LiveConversation, device: DeviceId): void {
    const content: CommitAnnouncement = { id: conversation.id, commit: conversation.log.head(), deviceId: self };
    void messenger.send(device, { type: PEER_MESSAGE_TYPES.announcement, content });
  }

  /**
   * When both sides went on, the device with the smaller id merges and the other one waits for that: two devices that
   * merged at the same time would have two merges to merge, and so on for ever. A peer that does not merge is not waited
   * for longer than `MERGE_PATIENCE_MS`.
   */
  async function pullAndSettle(conversation: LiveConversation, { from, commit }: Announced): Promise<void> {
    const settled = await pull(conversation, { from, commit, mayMerge: self < from }, options);
    if (settled) return;
    announceTo(conversation, from);
    const key = `${from}/${conversation.id}`;
    const isAwaited = leftToMerge.has(key);
    leftToMerge.set(key, { from, commit });
    if (!isAwaited) awaitMerge(conversation, key, { from, commit }).catch(() => {});
  }

  /** Merges what the peer told of last, unless the peer has merged in time. Rejects when the signal fires. */
  async function awaitMerge(conversation: LiveConversation, key: string, first: Announced): Promise<void> {
    await clock.wait(MERGE_PATIENCE_MS, signal);
    const latest = leftToMerge.get(key) ?? first;
    if (conversation.has(first.commit) && latest.commit !== first.commit) return awaitMerge(conversation, key, latest);
    leftToMerge.delete(key);
    pulls.run(key, async () => void (await pull(conversation, { ...latest, mayMerge: true }, options)));
  }

  return {
    announceTo,
    announce(conversation, except) {
      for (const { peer } of net.links()) {
        if (peer.device !== except && conversation.isShownTo(peer.account, peer.device)) {
          announceTo(conversation, peer.device);
        }
      }
    },
    onAnnouncement(from, { id, commit }) {
      const conversation = options.conversation(id);
      if (!conversation || conversation.has(commit) || options.isRefused(commit)) return;
      pulls.run(`${from}/${id}`, () => pullAndSettle(conversation, { from, commit }));
    },
    idle: () => pulls.idle(),
  };
}

interface Announced {
  readonly from: DeviceId;
  readonly commit: CommitId;
}

/** False when the two histories diverged and merging was left to the other side. */
async function pull(
  conversation: LiveConversation,
  { from, commit, mayMerge }: Announced & { readonly mayMerge: boolean },
  { net, signal, log, isRevoked, onPulled }: CommitExchangeOptions,
): Promise<boolean> {
  if (conversation.has(commit)) return true;
  const channel = await openGitChannel(net, { device: from, conversation: conversation.id, signal });
  try {
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(SYNC_MS)]);
    const outcome = await conversation.log.pull(channel, { mayMerge, isRevoked, signal: deadline });
    log.debug('pulled', { conversation: conversation.id, from, outcome: outcome.outcome });
    await onPulled({ conversation, from, outcome });
    // Nothing hangs on the other side's having heard the end.
    await channel.end({ signal: deadline }).catch(() => {});
    return outcome.outcome !== 'diverged';
  } catch (error) {
    if (!isSyncError(error, 'CHANNEL_CLOSED')) throw error;
    log.debug('pull broke off; the next announcement starts it again', { from, reason: messageOf(error) });
    return true;
  } finally {
    channel.close('pulled');
  }
}

/** Opens the channel on which `device` serves its commits of the conversation. Throws as `Net.openChannel`. */
export function openGitChannel(
  net: Pick<Net, 'openChannel'>,
  { device, conversation, signal }: { device: DeviceId; conversation: ConversationId; signal: AbortSignal },
): Promise<Channel> {
  return net.openChannel(device, gitChannelOf(device, conversation), {
    signal: AbortSignal.any([signal, AbortSignal.timeout(CHANNEL_OPEN_MS)]),
  });
}

/** Accounts that we have something in common with: our own, and the people of all conversations, invited ones too. */
export function peopleOf(conversations: Iterable<LiveConversation>, self: AccountUri): Set<AccountUri> {
  const people = new Set<AccountUri>([self]);
  for (const conversation of conversations) for (const account of conversation.people()) people.add(account);
  return people;
}
