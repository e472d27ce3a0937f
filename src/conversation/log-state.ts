import { SyncError } from '../errors.ts';
import type { Interaction } from '../events/interaction.ts';
import type { CommitId } from '../ids.ts';
import type { CertificateCache } from './certificate-reader.ts';
import { readFounding, rootOf } from './founding.ts';
import { CommitGraph } from './graph/commit-graph.ts';
import { growOrder } from './graph/grow-order.ts';
import { jamiOrder } from './graph/jami-order.ts';
import type { Order } from './history.ts';
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
  let canonical: readonly Interaction[] = [];
  take(await readFresh(first, signal));
  const founding = await readFounding(history, rootOf(graph, first));
  let position = await readPosition({ history, founding }, first);
  let jami: readonly Interaction[] | undefined;

  /** What the head reaches and is not there yet, parents first. */
  async function readFresh(head: CommitId, abort: AbortSignal): Promise<readonly UnlinkedInteraction[]> {
    const { commits, problems } = await walkHistory(history, head, { known: graph, signal: abort });
    const [problem] = problems;
    if (problem)
      throw new SyncError('OBJECT_CORRUPT', { id: problem.commit, path: history.path, detail: problem.message });
    const read: UnlinkedInteraction[] = [];
    for (const { id } of commits) read.push(await interactionOf(history, id));
    return read;
  }

  /** Returns what is new, in canonical order. */
  function take(read: readonly UnlinkedInteraction[]): readonly Interaction[] {
    for (const one of read) {
      graph.add(one);
      known.set(one.id, one);
    }
    const { order, from } = growOrder(canonical, read);
    const moved = order.slice(from).flatMap(({ id }) => known.get(id) ?? []);
    canonical = linked(moved, canonical.slice(0, from));
    const fresh = new Set(read.map(({ id }) => id));
    return canonical.slice(from).filter(({ id }) => fresh.has(id));
  }

  function inJamiOrder(): readonly Interaction[] {
    jami ??= linked(jamiOrder(graph, position.head).flatMap(({ id }) => known.get(id) ?? []));
    return jami;
  }

  async function advance(head: CommitId, options: { signal: AbortSignal }): Promise<readonly Interaction[]> {
    const read = await readFresh(head, options.signal);
    position = await readPosition({ history, founding }, head, position);
    jami = undefined;
    return take(read);
  }

  return {
    history,
    graph,
    founding,
    head: () => position.head,
    tree: () => position.tree,
    membership: () => position.membership,
    said: (commit) => known.get(commit),
    interactions: (order) => (order === 'canonical' ? canonical : inJamiOrder()),
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
