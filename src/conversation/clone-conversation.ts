import { SyncError } from '../errors.ts';
import type { DeviceKeys } from '../identity/identity.ts';
import type { ConversationId } from '../ids.ts';
import type { Channel, Clock } from '../ports.ts';
import type { Conversation } from './conversation.ts';
import {
  clonePath,
  conversationPath,
  isDirectory,
  moveIntoPlace,
  removeDirectory,
} from './conversation-directory-adapter.ts';
import type { IsRevoked } from './judge-standing.ts';
import { readMembership } from './membership.ts';
import { openConversation } from './open-conversation.ts';
import type { Repository } from './repository/repository.ts';
import { createRepository } from './repository/repository-adapter.ts';
import { pathOf } from './sync/request-line.ts';
import { takeHistory } from './take-history.ts';

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
  // A clone that came into place and could then not be opened, on a disk that failed for example, is as good as a new one.
  if (await isDirectory(conversationPath(directory, id))) return openConversation({ directory, id, keys, clock });
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
  const { id, keys, channel } = clone;
  await takeHistory(repository, {
    ...clone,
    lane: channel,
    request: { path: pathOf(id), host: channel.peer.device },
    conversation: id,
    async requireWelcome({ head, founding, history }) {
      const tree = await history.trees.read((await history.commit(head)).tree);
      const { members } = await readMembership(history, tree, founding);
      const role = members.get(keys.account)?.role;
      if (role === undefined || role === 'banned') throw new SyncError('NOT_INVITED', { conversation: id });
    },
  });
}
