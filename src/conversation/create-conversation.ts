import { SyncError } from '../errors.ts';
import { encode } from '../events/encode.ts';
import type { DeviceKeys } from '../identity/identity.ts';
import { type ConversationId, conversationFoundedBy } from '../ids.ts';
import type { Clock, Random } from '../ports.ts';
import { secondsAfter } from './commit-time.ts';
import type { Conversation } from './conversation.ts';
import { conversationPath, moveIntoPlace, nurseryPath, removeDirectory } from './conversation-directory-adapter.ts';
import { type CreateConversation, create } from './decisions/create.ts';
import { openConversation } from './open-conversation.ts';
import { prepareCommit, writePrepared } from './prepare-commit.ts';
import { createRepository } from './repository/repository-adapter.ts';
import { selfOf } from './self.ts';

export interface FoundConversation {
  /** The directory that holds all conversations of the home. */
  readonly directory: string;
  readonly keys: DeviceKeys;
  readonly clock: Clock;
  readonly random: Random;
}

/** Founds a conversation: built beside under a random number, renamed to the id of its first commit. Throws DISK_FULL, FILE_FAILED. */
export async function createConversation(home: FoundConversation, intent: CreateConversation): Promise<Conversation> {
  const { directory, keys, clock, random } = home;
  const nursery = nurseryPath(directory, String(random.below(Number.MAX_SAFE_INTEGER)));
  try {
    const id = await found(nursery, home, intent);
    await moveIntoPlace(nursery, conversationPath(directory, id));
    return await openConversation({ directory, id, keys, clock });
  } catch (error) {
    await removeDirectory(nursery);
    throw error;
  }
}

async function found(
  path: string,
  { keys, clock }: FoundConversation,
  intent: CreateConversation,
): Promise<ConversationId> {
  const decision = create(selfOf(keys), intent);
  if ('refused' in decision) throw new SyncError('REFUSED', { reason: decision.refused, detail: decision.detail });
  const repository = await createRepository(path);
  try {
    const prepared = await prepareCommit(keys, {
      tree: undefined,
      edits: decision.edits,
      parents: [],
      seconds: secondsAfter(clock, []),
      message: encode(decision.event),
    });
    await writePrepared(repository, prepared);
    await repository.moveHead({ from: undefined, to: prepared.commit.id });
    await repository.checkOut();
    return conversationFoundedBy(prepared.commit.id);
  } finally {
    await repository[Symbol.asyncDispose]();
  }
}
