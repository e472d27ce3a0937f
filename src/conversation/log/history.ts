import { SyncError } from '../../errors.ts';
import type { Interaction } from '../../events/interaction.ts';
import type { CommitId } from '../../ids.ts';
import { jamiOrder } from '../graph/jami-order.ts';
import type { RepositoryReader } from '../repository/repository.ts';
import { createHistoryReader, type HistoryReader } from './history-reader.ts';
import { linked } from './interaction-of.ts';
import { readInteractions } from './read-interactions.ts';

/** `canonical` is the same on every replica; `jami` is what the Jami daemon shows on this one: docs/convergence.md. */
export type Order = 'canonical' | 'jami';

export interface ReadHistory {
  readonly order?: Order;
  /** Merges carry no event; they are part of the order unless left out. */
  readonly merges?: boolean;
  readonly signal: AbortSignal;
}

/**
 * Everything the head reaches as interactions, oldest first. Checks nothing but that it can be read.
 * Throws SOURCE_UNREADABLE without any commit, OBJECT_MISSING, OBJECT_CORRUPT.
 */
export async function readHistory(reader: RepositoryReader, options: ReadHistory): Promise<readonly Interaction[]> {
  const { order = 'canonical', merges = true, signal } = options;
  const head = await reader.head();
  if (!head) throw new SyncError('SOURCE_UNREADABLE', { path: reader.path, detail: 'it holds no commit' });
  const history = createHistoryReader(reader);
  await requireConversation(history, head);
  const read = await readInteractions(history, head, { signal });
  const all = order === 'canonical' ? read : jamiOrder(new Map(read.map((one) => [one.id, one])), head);
  return linked(merges ? all : all.filter(({ parents }) => parents.length < 2));
}

/** People point at whatever repository they find: one of something else is not damaged. */
async function requireConversation({ path, parsed }: HistoryReader, head: CommitId): Promise<void> {
  const newest = await parsed(head);
  if (newest.outcome === 'malformed')
    throw new SyncError('SOURCE_UNREADABLE', {
      path,
      detail: `its newest commit is none of a conversation, ${newest.reason}`,
    });
}
