import { SyncError } from '../../errors.ts';
import { encode } from '../../events/encode.ts';
import type { DeviceKeys } from '../../identity/identity.ts';
import { type ConversationId, conversationFoundedBy } from '../../ids.ts';
import type { Clock, Random } from '../../ports.ts';
import { secondsAfter } from '../commit-time.ts';
import type { Conversation } from '../conversation.ts';
import { claimPlace, conversationPath, nurseryPath, removeDirectory } from '../conversation-directory-adapter.ts';
import { type CreateConversation, create } from '../decisions/create.ts';
import { openConversation } from '../open-conversation.ts';
import type { Repository } from '../repository/repository.ts';
import { createRepository } from '../repository/repository-adapter.ts';
import { prepareCommit, writePrepared } from './prepare-commit.ts';
import { selfOf } from './self.ts';

export interface FoundConversation {
  /** The directory that holds all conversations of the home. */
  readonly directory: string;
  readonly keys: DeviceKeys;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Founds a conversation: built beside under a random number, renamed to the id of its first commit. Throws DISK_FULL, FILE_FAILED.
 * Two that an account founds alike within one second would be the same commit, byte for byte; the later one is dated a second later.
 */
export async function createConversation(home: FoundConversation, intent: CreateConversation): Promise<Conversation> {
  const { directory, keys, clock } = home;
  for (let seconds = secondsAfter(clock, []); ; seconds += 1) {
    const id = await foundAt(seconds, home, intent);
    if (id !== undefined) return openConversation({ directory, id, keys, clock });
  }
}

/** Undefined when the conversation of that second is there already. */
async function foundAt(
  seconds: number,
  home: FoundConversation,
  intent: CreateConversation,
): Promise<ConversationId | undefined> {
  const { directory, random } = home;
  const nursery = nurseryPath(directory, String(random.below(Number.MAX_SAFE_INTEGER)));
  try {
    const id = await found(nursery, home, { ...intent, seconds });
    if (await claimPlace(nursery, conversationPath(directory, id))) return id;
    await removeDirectory(nursery);
    return undefined;
  } catch (error) {
    await removeDirectory(nursery);
    throw error;
  }
}

async function found(path: string, { keys }: FoundConversation, founding: Founding): Promise<ConversationId> {
  const repository = await createRepository(path);
  try {
    return await foundIn(repository, keys, founding);
  } finally {
    await repository[Symbol.asyncDispose]();
  }
}

/** `seconds` since the Unix epoch. */
type Founding = CreateConversation & { readonly seconds: number };

/** Writes the first commit into an empty repository; its id is the conversation's. Throws REFUSED, and as the repository. */
export async function foundIn(
  repository: Repository,
  keys: DeviceKeys,
  { seconds, ...intent }: Founding,
): Promise<ConversationId> {
  const decision = create(selfOf(keys), intent);
  if ('refused' in decision) throw new SyncError('REFUSED', { reason: decision.refused, detail: decision.detail });
  const prepared = await prepareCommit(keys, {
    tree: undefined,
    edits: decision.edits,
    parents: [],
    seconds,
    message: encode(decision.event),
  });
  await writePrepared(repository, prepared);
  await repository.moveHead({ from: undefined, to: prepared.commit.id });
  await repository.checkOut();
  return conversationFoundedBy(prepared.commit.id);
}
