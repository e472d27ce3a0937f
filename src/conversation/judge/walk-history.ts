import { setImmediate as breathe } from 'node:timers/promises';
import type { CommitId } from '../../ids.ts';
import { CommitGraph } from '../graph/commit-graph.ts';
import type { CommitNode } from '../graph/commit-node.ts';
import { linearizeInTurns } from '../graph/linearize.ts';
import type { HistoryReader } from '../log/history-reader.ts';
import { createPauses } from '../repository/housekeeping/pauses.ts';
import type { Refusal } from '../rules/rule.ts';
import type { ScreenedCommits } from '../screening/screened-commits.ts';
import { type WalkedCommits, walkScreened } from '../screening/walk-screened.ts';
import { damageOf } from './damage.ts';

export interface WalkedHistory extends WalkedCommits {
  /** Commits that are named as parents, or as the head, and cannot be read. */
  readonly problems: readonly Refusal[];
}

export interface WalkOptions {
  /** Not walked again. */
  readonly known?: CommitGraph | undefined;
  /** These are not read. */
  readonly screened?: ScreenedCommits | undefined;
  readonly signal: AbortSignal;
}

/** Reads what the head reaches and `known` does not hold. */
export async function walkHistory(
  history: Pick<HistoryReader, 'commit'>,
  head: CommitId,
  { known, screened, signal }: WalkOptions,
): Promise<WalkedHistory> {
  const walked = screened && (await walkScreened(screened, head, known));
  if (walked) return { ...walked, problems: [] };
  const giveWay = createPauses();
  const found = new Map<CommitId, CommitNode>();
  const problems: Refusal[] = [];
  const seen = new Set<CommitId>([head]);
  const open = known?.has(head) ? [] : [head];
  for (let id = open.pop(); id; id = open.pop()) {
    signal.throwIfAborted();
    await giveWay();
    const node = screened?.get(id) ?? (await readNode(history, id));
    if ('rule' in node) {
      problems.push(node);
      continue;
    }
    found.set(id, node);
    const fresh = [...new Set(node.parents)].filter((parent) => !seen.has(parent) && !known?.has(parent));
    for (const parent of fresh) seen.add(parent);
    open.push(...fresh);
  }
  return { ...(await placeInTurns(found.values(), known)), problems };
}

/** Of what was walked now, in canonical order. */
export function* walkedIds({ graph, count }: WalkedCommits): Iterable<CommitId> {
  for (let row = 0; row < count; row += 1) yield graph.idAt(row);
}

async function placeInTurns(found: Iterable<CommitNode>, known: CommitGraph | undefined): Promise<WalkedCommits> {
  const giveWay = createPauses();
  const commits = await linearizeInTurns(found, () => breathe());
  const graph = new CommitGraph(known);
  for (const commit of commits) {
    await giveWay();
    graph.add(commit);
  }
  return { graph, count: commits.length };
}

async function readNode(history: Pick<HistoryReader, 'commit'>, id: CommitId): Promise<CommitNode | Refusal> {
  try {
    const { parents, committer } = await history.commit(id);
    return { id, parents, committedAt: committer.seconds };
  } catch (error) {
    return { commit: id, ...damageOf(error).flaw };
  }
}
