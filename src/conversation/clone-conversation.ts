import { SyncError } from '../errors.ts';
import type { DeviceKeys } from '../identity/identity.ts';
import type { ConversationId } from '../ids.ts';
import type { Channel, Clock } from '../ports.ts';
import type { Conversation } from './conversation.ts';
import { clonePath, conversationPath, moveIntoPlace, removeDirectory } from './conversation-directory-adapter.ts';
import { createHistoryReader } from './history-reader.ts';
import type { IsRevoked } from './judge-standing.ts';
import { readMembership } from './membership.ts';
import { openConversation } from './open-conversation.ts';
import type { Repository } from './repository/repository.ts';
import { createRepository } from './repository/repository-adapter.ts';
import { fetchPack } from './sync/fetch-upload-pack.ts';
import { validateBatch } from './validate-batch.ts';

export interface CloneConversation {
  /** The directory that holds all conversations of the home. */
  readonly directory: string;
  readonly id: ConversationId;
  readonly keys: DeviceKeys;
  readonly clock: Clock;
  readonly channel: Channel;
  readonly signal: AbortSignal;
  readonly isRevoked?: IsRevoked;
}

/**
 * Takes a conversation over from the other side of the channel: staged beside, judged as a whole, renamed into place.
 * Throws HISTORY_REFUSED with the rule that it breaks, NOT_INVITED when the account has no place in it,
 * and as `fetchPack` and `stagePack`; then nothing is left behind.
 */
export async function cloneConversation(clone: CloneConversation): Promise<Conversation> {
  const { directory, id, keys, clock } = clone;
  const path = clonePath(directory, id);
  await removeDirectory(path);
  try {
    const repository = await createRepository(path);
    try {
      await fill(repository, clone);
    } finally {
      await repository[Symbol.asyncDispose]();
    }
    await moveIntoPlace(path, conversationPath(directory, id));
  } catch (error) {
    await removeDirectory(path);
    throw error;
  }
  return openConversation({ directory, id, keys, clock });
}

async function fill(repository: Repository, clone: CloneConversation): Promise<void> {
  const { id, keys, clock, channel, signal, isRevoked = () => false } = clone;
  const host = channel.peer.device;
  const request = { conversation: id, host, has: async () => false, haves: [], clock, signal };
  const { head, pack } = await fetchPack(channel, request);
  if (head === undefined || pack === undefined)
    throw new SyncError('PROTOCOL_BROKEN', { protocol: 'git', detail: 'the other side has no commit' });
  const staged = await repository.stagePack(pack, { signal });
  try {
    const history = createHistoryReader({ path: repository.path, objects: staged.objects });
    const batch = await validateBatch({ head, history }, { conversation: id }, { signal, isRevoked });
    if (batch.outcome === 'refused') {
      const { commit, rule, message } = batch.refusal;
      throw new SyncError('HISTORY_REFUSED', { conversation: id, commit, rule, detail: message });
    }
    const tree = await history.trees.read((await history.commit(head)).tree);
    const { members } = await readMembership(history, tree, batch.founding);
    const role = members.get(keys.account)?.role;
    if (role === undefined || role === 'banned') throw new SyncError('NOT_INVITED', { conversation: id });
    await staged.keep();
  } finally {
    await staged[Symbol.asyncDispose]();
  }
  await repository.moveHead({ from: undefined, to: head });
  await repository.checkOut();
}
