import { SyncError } from '../../errors.ts';
import type { LinearizedHistory } from '../../events/linearized-history.ts';
import type { CommitId } from '../../ids.ts';
import { findFile } from '../files/file-argument.ts';
import type { LiveConversation } from './live-conversation.ts';

/**
 * The message that a person means by a word: its commit, its file id when it is a file, the first digits of either that no
 * other commit has, or else the name of a file. Throws INTERACTION_UNKNOWN, AMBIGUOUS.
 */
export function findMessage(
  { id, history, states }: Pick<LiveConversation, 'id' | 'history' | 'states'>,
  word: string,
): CommitId {
  const matches = word === '' ? [] : idsWith(history(), FILE_ID.exec(word)?.[1] ?? word);
  const [first, ...others] = matches;
  if (first === undefined) return findFile({ id, states }, word).interaction;
  if (others.length > 0)
    throw new SyncError('AMBIGUOUS', { conversation: id, word, count: matches.length, example: first });
  return first;
}

/** Begins with the commit that announced the file. */
const FILE_ID = /^([0-9a-f]{40})_/;

function idsWith(history: LinearizedHistory, digits: string): readonly CommitId[] {
  const found: CommitId[] = [];
  for (let position = 0; position < history.length; position += 1) {
    const id = history.idAt(position);
    if (id.startsWith(digits)) found.push(id);
  }
  return found;
}
