import { SyncError } from '../../errors.ts';
import type { Interaction } from '../../events/interaction.ts';
import type { CommitId } from '../../ids.ts';
import type { CommitGraph } from '../graph/commit-graph.ts';
import type { CommitNode } from '../graph/commit-node.ts';
import { jamiOrder } from '../graph/jami-order.ts';
import { linearize } from '../graph/linearize.ts';
import { walkHistory } from '../judge/walk-history.ts';
import type { RepositoryReader } from '../repository/repository.ts';
import { createHistoryReader, type HistoryReader, readFailure } from './history-reader.ts';
import { interactionOf, linked } from './interaction-of.ts';

/** `canonical` is the same on every replica; `jami` is what the Jami daemon shows on this one (design §4). */
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
  const { graph, problems } = await walkHistory(history, head, { signal });
  const [problem] = problems;
  if (problem) throw await readFailure(history, problem.commit);
  const interactions: Omit<Interaction, 'linearizedParent'>[] = [];
  for (const { id, parents } of ordered(graph, head, order)) {
    signal.throwIfAborted();
    if (merges || parents.length < 2) interactions.push(await interactionOf(history, id));
  }
  return linked(interactions);
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

/** The commits of a graph in one of the two orders, oldest first. */
export function ordered(graph: CommitGraph, head: CommitId, order: Order): readonly CommitNode[] {
  return order === 'canonical' ? linearize(graph.commits()) : jamiOrder(graph, head);
}
