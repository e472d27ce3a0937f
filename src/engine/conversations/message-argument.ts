import { SyncError } from '../../errors.ts';
import type { CommitId } from '../../ids.ts';
import type { LiveConversation } from './live-conversation.ts';

/**
 * The message that a person means by a word: its commit, its file id when it is a file, or the first digits of either
 * that no other commit has. Throws INTERACTION_UNKNOWN, FILE_AMBIGUOUS.
 */
export function findMessage({ id, history }: Pick<LiveConversation, 'id' | 'history'>, word: string): CommitId {
  const [digits = ''] = word.split('_');
  const matches = digits === '' ? [] : history().filter((one) => one.id.startsWith(digits));
  const [first, ...others] = matches;
  if (!first) throw new SyncError('INTERACTION_UNKNOWN', { conversation: id, interaction: word });
  if (others.length > 0)
    throw new SyncError('FILE_AMBIGUOUS', { conversation: id, word, count: matches.length, example: first.id });
  return first.id;
}
