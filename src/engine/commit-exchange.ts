import type { PullOutcome } from '../conversation/conversation.ts';
import { isSyncError, messageOf } from '../errors.ts';
import type { AccountUri, CommitId, ConversationId, DeviceId } from '../ids.ts';
import { CHANNEL_OPEN_MS, SYNC_MS } from '../limits.ts';
import type { Net } from '../net/net.ts';
import type { Channel, Log } from '../ports.ts';
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
  readonly signal: AbortSignal;
  conversation(id: ConversationId): LiveConversation | undefined;
  /** A head that was refused is not fetched again. */
  isRefused(head: CommitId): boolean;
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
  const { self, net, messenger, log } = options;
  const pulls = createOneAtATime<string>((key, error) => log.warn('pull failed', { key, reason: messageOf(error) }));

  function announceTo(conversation: LiveConversation, device: DeviceId): void {
    const content: CommitAnnouncement = { id: conversation.id, commit: conversation.log.head(), deviceId: self };
    void messenger.send(device, { type: PEER_MESSAGE_TYPES.announcement, content });
  }

  return {
    announceTo,
    announce(conversation, except) {
      for (const { peer } of net.links()) {
        if (peer.device !== except && conversation.isShownTo(peer.account, peer.device))
          announceTo(conversation, peer.device);
      }
    },
    onAnnouncement(from, { id, commit }) {
      const conversation = options.conversation(id);
      if (!conversation || conversation.has(commit) || options.isRefused(commit)) return;
      pulls.run(`${from}/${id}`, () => pull(conversation, { from, commit }, options));
    },
    idle: () => pulls.idle(),
  };
}

async function pull(
  conversation: LiveConversation,
  { from, commit }: { from: DeviceId; commit: CommitId },
  { net, signal, log, onPulled }: CommitExchangeOptions,
): Promise<void> {
  if (conversation.has(commit)) return;
  const channel = await openGitChannel(net, { device: from, conversation: conversation.id, signal });
  try {
    const outcome = await conversation.log.pull(channel, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(SYNC_MS)]),
    });
    log.debug('pulled', { conversation: conversation.id, from, outcome: outcome.outcome });
    if (outcome.outcome !== 'up-to-date') await onPulled({ conversation, from, outcome });
  } catch (error) {
    if (!isSyncError(error, 'CHANNEL_CLOSED')) throw error;
    log.debug('pull broke off; the next announcement starts it again', { from, reason: messageOf(error) });
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

/** Accounts whose devices we want links to: the people of all conversations, invited ones too. */
export function peopleOf(conversations: Iterable<LiveConversation>, self: AccountUri): ReadonlySet<AccountUri> {
  const people = new Set<AccountUri>([self]);
  for (const conversation of conversations) for (const account of conversation.people()) people.add(account);
  return people;
}
