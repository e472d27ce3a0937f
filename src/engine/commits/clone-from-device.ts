import { cloneConversation } from '../../conversation/clone/clone-conversation.ts';
import type { KnownRefusal } from '../../conversation/clone/take-history.ts';
import type { Conversation } from '../../conversation/conversation.ts';
import { startDeadline } from '../../deadline.ts';
import { isSyncError } from '../../errors.ts';
import { CommitId, type ConversationId, type DeviceId } from '../../ids.ts';
import { SYNC_MS } from '../../limits.ts';
import type { Net } from '../../net/net.ts';
import type { PeerIdentity } from '../../ports.ts';
import { refusalOf } from '../../projections/journal/quarantine.ts';
import type { EngineParts } from '../engine-parts.ts';
import type { CommitRoom } from '../home/commit-room.ts';
import { openGitChannel } from './pull-commits.ts';
import { refusedBatch } from './take-pulled.ts';

export interface CloneFromDeviceParts extends Pick<EngineParts, 'home' | 'keys' | 'keeper' | 'clock' | 'signal'> {
  readonly net: Pick<Net, 'openChannel'>;
  readonly room: Pick<CommitRoom, 'require' | 'guard'>;
  isRevoked(peer: PeerIdentity): boolean;
}

/**
 * Clones from one device. What was refused before is refused again, unfetched; what is refused now is remembered, as when
 * commits are pulled. Throws TIMED_OUT, DISK_RESERVED, and as `openGitChannel` and `cloneConversation`.
 */
export async function cloneFromDevice(
  device: DeviceId,
  id: ConversationId,
  { net, home, keys, keeper, clock, isRevoked, room, signal: ending }: CloneFromDeviceParts,
): Promise<Conversation> {
  using deadline = startDeadline({ what: 'Cloning a conversation', ms: SYNC_MS, clock, signal: ending });
  const { signal } = deadline;
  await using channel = await openGitChannel(net, { device, conversation: id, clock, signal });
  const directory = home.conversationsDirectory;
  let fresh: CommitId | undefined;
  const knownRefusal = (head: CommitId) => {
    const refusal = refusalOf(keeper.state().quarantine, head, device);
    fresh = refusal ? undefined : head;
    return refusal;
  };
  try {
    const clone = { directory, id, keys, clock, signal, isRevoked, knownRefusal };
    const conversation = await cloneConversation({ ...clone, channel: room.guard(channel) });
    await channel.end({ signal });
    return conversation;
  } catch (error) {
    const refusal = fresh && refusalIn(error);
    if (fresh && refusal)
      keeper.record(refusedBatch({ conversation: id, head: fresh, from: device, at: clock.now() }, refusal));
    throw error;
  }
}

/** What was wrong with what the other side sent; undefined when that was not what failed. */
function refusalIn(error: unknown): KnownRefusal | undefined {
  if (!isSyncError(error, 'HISTORY_REFUSED')) return undefined;
  const { commit, rule, detail: message, path } = error.data;
  return { commit: CommitId.parse(commit), rule, message, ...(path !== undefined && { path }) };
}
