import { SyncError } from '../errors.ts';
import type { Interaction } from '../events/interaction.ts';
import type { CommitId } from '../ids.ts';
import type { CertificateCache } from './certificate-reader.ts';
import { readFounding, rootOf } from './founding.ts';
import { CommitGraph } from './graph/commit-graph.ts';
import type { CommitNode } from './graph/commit-node.ts';
import { type Order, ordered } from './history.ts';
import { createHistoryReader, type HistoryReader } from './history-reader.ts';
import { interactionOf, linked, type UnlinkedInteraction } from './interaction-of.ts';
import { type Membership, readMembership } from './membership.ts';
import type { Repository } from './repository/repository.ts';
import type { Founding } from './rules/commit-facts.ts';
import type { Tree } from './tree/tree.ts';
import { walkHistory } from './walk-history.ts';

/** An admitted log in memory: exactly what its head reaches. */
export interface LogState {
  readonly history: HistoryReader;
  readonly graph: CommitGraph;
  readonly founding: Founding;
  head(): CommitId;
  tree(): Tree;
  membership(): Membership;
  /** What a commit of the log says; undefined when it is none. */
  said(commit: CommitId): UnlinkedInteraction | undefined;
  /** Oldest first, merges included. A list once handed out does not change. */
  interactions(order: Order): readonly Interaction[];
  /** Goes on to a head that descends from the present one; returns what is new, in canonical order. */
  advance(head: CommitId, options: { signal: AbortSignal }): Promise<readonly Interaction[]>;
}

export interface LoadLog {
  readonly signal: AbortSignal;
  /** What is known of certificates already. */
  readonly certificates?: CertificateCache | undefined;
}

/**
 * Reads the log of an own repository, whose commits were judged when they came in.
 * Throws SOURCE_UNREADABLE, OBJECT_MISSING, OBJECT_CORRUPT.
 */
export async function loadLog(repository: Repository, { signal, certificates }: LoadLog): Promise<LogState> {
  const first = await repository.head();
  if (!first) throw new SyncError('SOURCE_UNREADABLE', { path: repository.path, detail: 'it holds no commit' });
  const history = createHistoryReader(repository, certificates);
  const graph = new CommitGraph();
  const known = new Map<CommitId, UnlinkedInteraction>();
  await takeIn(first, signal);
  const founding = await readFounding(history, rootOf(graph, first));
  let position = await readPosition({ history, founding }, first);
  let lists = new Map<Order, readonly Interaction[]>();

  /** Adds what the head reaches to the graph, oldest first. */
  async function takeIn(head: CommitId, abort: AbortSignal): Promise<readonly CommitNode[]> {
    const { commits, problems } = await walkHistory(history, head, { known: graph, signal: abort });
    const [problem] = problems;
    if (problem)
      throw new SyncError('OBJECT_CORRUPT', { id: problem.commit, path: history.path, detail: problem.message });
    for (const { id } of commits) known.set(id, await interactionOf(history, id));
    for (const commit of commits) graph.add(commit);
    return commits;
  }

  function interactions(order: Order): readonly Interaction[] {
    const list =
      lists.get(order) ?? linked(ordered(graph, position.head, order).flatMap(({ id }) => known.get(id) ?? []));
    lists.set(order, list);
    return list;
  }

  async function advance(head: CommitId, options: { signal: AbortSignal }): Promise<readonly Interaction[]> {
    const before = { head: position.head, list: interactions('canonical') };
    const commits = await takeIn(head, options.signal);
    position = await readPosition({ history, founding }, head, position);
    const fresh = commits.flatMap(({ id }) => known.get(id) ?? []);
    if (isChainOn(before.head, commits)) {
      const list = linked(fresh, before.list);
      lists = new Map([['canonical', list]]);
      return list.slice(before.list.length);
    }
    lists = new Map();
    const ids = new Set(commits.map(({ id }) => id));
    return interactions('canonical').filter(({ id }) => ids.has(id));
  }

  return {
    history,
    graph,
    founding,
    head: () => position.head,
    tree: () => position.tree,
    membership: () => position.membership,
    said: (commit) => known.get(commit),
    interactions,
    advance,
  };
}

interface Position {
  readonly head: CommitId;
  readonly tree: Tree;
  readonly membership: Membership;
}

async function readPosition(
  { history, founding }: Pick<LogState, 'history' | 'founding'>,
  head: CommitId,
  before?: Position,
): Promise<Position> {
  const tree = await history.trees.read((await history.commit(head)).tree);
  // Most commits change no file.
  if (tree.id === before?.tree.id) return { ...before, head };
  return { head, tree, membership: await readMembership(history, tree, founding) };
}

/** Such commits come after everything in the canonical order, since each descends from everything before it. */
function isChainOn(head: CommitId, commits: readonly CommitNode[]): boolean {
  return commits.every(({ parents }, index) => parents.includes(commits[index - 1]?.id ?? head));
}
