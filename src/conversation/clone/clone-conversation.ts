import type { DeviceKeys } from '../../identity/identity.ts';
import type { Conversation } from '../conversation.ts';
import {
  clonePath,
  conversationPath,
  isDirectory,
  moveIntoPlace,
  removeDirectory,
} from '../conversation-directory-adapter.ts';
import { openConversation } from '../open-conversation.ts';
import { createRepository } from '../repository/repository-adapter.ts';
import { type CloneInto, cloneInto } from './clone-into.ts';

export interface CloneConversation extends CloneInto {
  /** The directory that holds all conversations of the home. */
  readonly directory: string;
  readonly keys: DeviceKeys;
}

/**
 * Takes a conversation over from the other side of the channel: staged beside, judged as a whole, renamed into place.
 * Throws as `cloneInto`; then nothing is left behind.
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
      await cloneInto(repository, clone);
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
