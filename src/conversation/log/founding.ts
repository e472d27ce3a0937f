import { decode } from '../../events/decode.ts';
import { type CommitId, conversationFoundedBy } from '../../ids.ts';
import type { CommitGraph } from '../graph/commit-graph.ts';
import { damageOf } from '../judge/damage.ts';
import { findAuthor } from '../judge/signer.ts';
import type { Founding } from '../rules/commit-facts.ts';
import type { HistoryReader } from './history-reader.ts';

/** The commit without parents that the head's first parents lead to; where damage cuts that way, any other that is there. */
export function rootOf(graph: CommitGraph, head: CommitId): CommitId | undefined {
  for (let row = graph.rowOf(head); row !== undefined; row = graph.firstParentRow(row))
    if (graph.isRoot(row)) return graph.idAt(row);
  for (const { id: other, parents } of graph.commits()) if (parents.length === 0) return other;
  return undefined;
}

/** What the initial commit settles. Of a damaged one as much as can still be read; nothing when there is none. */
export async function readFounding(history: HistoryReader, root: CommitId | undefined): Promise<Founding> {
  if (root === undefined) return { conversation: undefined, mode: undefined, initialMembers: [] };
  const commit = await history.commit(root);
  const content = decode(commit.message);
  const author = await findAuthor(history, commit, content).catch(unlessDamaged);
  const event =
    content.outcome === 'known' && content.event.kind === 'conversation-created' ? content.event : undefined;
  const invited = event?.mode === 'one-to-one' ? event.invited : undefined;
  return {
    conversation: conversationFoundedBy(root),
    mode: event?.mode,
    initialMembers: [author, invited].filter((uri) => uri !== undefined),
  };
}

function unlessDamaged(error: unknown): undefined {
  damageOf(error);
  return undefined;
}
