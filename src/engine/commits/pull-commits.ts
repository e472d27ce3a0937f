import type { PullOutcome } from '../../conversation/conversation.ts';
import type { PullOptions } from '../../conversation/sync/pull.ts';
import { startDeadline } from '../../deadline.ts';
import type { ConversationId, DeviceId } from '../../ids.ts';
import { CHANNEL_OPEN_MS, SYNC_MS } from '../../limits.ts';
import type { Net } from '../../net/net.ts';
import type { Channel, Clock } from '../../ports.ts';
import type { LiveConversation } from '../conversations/live-conversation.ts';
import { gitChannelOf } from '../devices/peer-message.ts';
import type { CommitRoom } from '../home/commit-room.ts';

/** A pull that is over. */
export interface Pulled {
  readonly conversation: LiveConversation;
  readonly from: DeviceId;
  readonly outcome: PullOutcome;
}

export interface PullCommits extends Pick<PullOptions, 'mayMerge' | 'isRevoked' | 'isRefused'> {
  readonly net: Pick<Net, 'openChannel'>;
  readonly from: DeviceId;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly room: Pick<CommitRoom, 'available' | 'guard'>;
  /** What follows, while the channel is still open. */
  onPulled(pulled: Pulled): Promise<void>;
}

/**
 * Takes in what a device has, as soon as there is room for it. Throws TIMED_OUT, DISK_RESERVED, and as
 * `Net.openChannel` and `Conversation.pull`.
 */
export async function pullCommits(conversation: LiveConversation, options: PullCommits): Promise<PullOutcome> {
  const { net, from, clock, signal, room, onPulled, ...rules } = options;
  await room.available(signal);
  const channel = await openGitChannel(net, { device: from, conversation: conversation.id, clock, signal });
  try {
    using deadline = startDeadline({ what: 'Pulling commits', ms: SYNC_MS, clock, signal });
    const outcome = await conversation.log.pull(room.guard(channel), { ...rules, signal: deadline.signal });
    await onPulled({ conversation, from, outcome });
    // Nothing hangs on the other side's having heard the end.
    await channel.end({ signal: deadline.signal }).catch(() => {});
    return outcome;
  } finally {
    channel.close('pulled');
  }
}

export interface GitChannel {
  readonly device: DeviceId;
  readonly conversation: ConversationId;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Opens the channel on which `device` serves its commits of the conversation. Throws TIMED_OUT, and as `Net.openChannel`. */
export async function openGitChannel(
  net: Pick<Net, 'openChannel'>,
  { device, conversation, clock, signal }: GitChannel,
): Promise<Channel> {
  using deadline = startDeadline({ what: 'Opening a channel of commits', ms: CHANNEL_OPEN_MS, clock, signal });
  return await net.openChannel(device, gitChannelOf(device, conversation), { signal: deadline.signal });
}
