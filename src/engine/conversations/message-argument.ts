import { SyncError } from '../../errors.ts';
import type { LinearizedHistory } from '../../events/linearized-history.ts';
import type { CommitId } from '../../ids.ts';
import type { LiveConversation } from './live-conversation.ts';

/**
 * The message that a person means by a word: its commit, its file id when it is a file, or the first digits of either
 * that no other commit has. Throws INTERACTION_UNKNOWN, FILE_AMBIGUOUS.
 */
export function findMessage({ id, history }: Pick<LiveConversation, 'id' | 'history'>, word: string): CommitId {
  const [digits = ''] = word.split('_');
  const matches = digits === '' ? [] : idsWith(history(), digits);
  const [first, ...others] = matches;
  if (first === undefined) throw new SyncError('INTERACTION_UNKNOWN', { conversation: id, interaction: word });
  if (others.length > 0)
    throw new SyncError('FILE_AMBIGUOUS', { conversation: id, word, count: matches.length, example: first });
  return first;
}

function idsWith(history: LinearizedHistory, digits: string): readonly CommitId[] {
  const found: CommitId[] = [];
  for (let position = 0; position < history.length; position += 1) {
    const id = history.idAt(position);
    if (id.startsWith(digits)) found.push(id);
  }
  return found;
}
