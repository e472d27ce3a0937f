import { setImmediate as breathe } from 'node:timers/promises';
import { SyncError } from '../../errors.ts';
import type { Interaction } from '../../events/interaction.ts';
import type { LinearizedHistory } from '../../events/linearized-history.ts';
import type { CommitId } from '../../ids.ts';
import { CHECKPOINT_SEGMENT } from '../../limits.ts';
import type { LogCheckpoint } from '../checkpoint/log-checkpoint.ts';
import { isReached, readCheckpoint } from '../checkpoint/read-checkpoint.ts';
import type { Commit } from '../commit.ts';
import type { CommitGraph } from '../graph/commit-graph.ts';
import type { CertificateCache } from '../judge/certificate-reader.ts';
import { walkedIds } from '../judge/walk-history.ts';
import { type Membership, readMembership } from '../membership/membership.ts';
import { createPauses } from '../repository/housekeeping/pauses.ts';
import type { RepositoryReader } from '../repository/repository.ts';
import type { Founding } from '../rules/commit-facts.ts';
import type { WalkedCommits } from '../screening/walk-screened.ts';
import type { Tree } from '../tree/tree.ts';
import { readFounding, rootOf } from './founding.ts';
import type { HeldHistory } from './held-history.ts';
import type { Order } from './history.ts';
import { createHistoryReader, type HistoryReader } from './history-reader.ts';
import { interactionOf, type UnlinkedInteraction } from './interaction-of.ts';
import type { Rows } from './interaction-store.ts';
import { readInteractions } from './read-interactions.ts';

/** A commit with what it says. */
export interface ReadCommit {
  readonly commit: Commit;
  readonly said: UnlinkedInteraction;
}

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
  linearized(): LinearizedHistory;
  /** Oldest first, merges included. Reads all of it. */
  interactions(order: Order): readonly Interaction[];
  /** Goes on to a head that descends from the present one; returns what is new, in canonical order. */
  advance(head: CommitId, options: AdvanceLog): Promise<readonly Interaction[]>;
  /** The same for commits in memory, each on top of the one before it, the first on the present head: nothing has to be looked for. */
  advanceBy(chain: readonly ReadCommit[]): Promise<readonly Interaction[]>;
  /** From now on the listener hears of every change of files, in the turn in which head, files and membership change. */
  onFilesChanged(listener: () => void): void;
  /**
   * What is not in the checkpoint yet, parents first, if it is so much, in stretches of `CHECKPOINT_SEGMENT`, each of which
   * counts as kept once it was taken. Else nothing.
   */
  takeUnkept(atLeast: number): Iterable<Rows>;
}

export interface AdvanceLog {
  /** What was walked already of what the head reaches, all that is below it included; its graph lies on the log's. */
  readonly walked?: WalkedCommits | undefined;
  readonly signal: AbortSignal;
}

export interface LoadLog {
  readonly signal: AbortSignal;
  /** What is known of certificates already. */
  readonly certificates?: CertificateCache | undefined;
  readonly checkpoint?: LogCheckpoint;
}

/**
 * Reads the log of an own repository, whose commits were judged when they came in: from the checkpoint, where there is
 * one, and from the commits what that lacks. A checkpoint of something else than what the head reaches is dropped.
 * Throws SOURCE_UNREADABLE, OBJECT_MISSING, OBJECT_CORRUPT, and the signal's reason.
 */
export async function loadLog(
  repository: RepositoryReader,
  { signal, certificates, checkpoint }: LoadLog,
): Promise<LogState> {
  const first = await repository.head();
  if (!first) throw new SyncError('SOURCE_UNREADABLE', { path: repository.path, detail: 'it holds no commit' });
  const history = createHistoryReader(repository, certificates);
  const { held, kept } = await readAll(history, first, { signal, checkpoint });
  const founding = await readFounding(history, rootOf(held.graph, first));
  let position = await readPosition({ history, founding }, first);
  /** How many rows are in the checkpoint. */
  let keptRows = kept;

  function* takeUnkept(atLeast: number): Generator<Rows> {
    const end = held.graph.size;
    if (end - keptRows < atLeast) return;
    while (keptRows < end) {
      const start = keptRows;
      keptRows = Math.min(end, start + CHECKPOINT_SEGMENT);
      yield held.rows(start, keptRows);
    }
  }
  let filesChanged = () => {};

  async function goOn(head: CommitId, read: readonly UnlinkedInteraction[]): Promise<readonly Interaction[]> {
    const before = position.tree.id;
    position = await readPosition({ history, founding }, head, position);
    if (position.tree.id !== before) filesChanged();
    return held.take(read);
  }

  return {
    history,
    graph: held.graph,
    founding,
    head: () => position.head,
    tree: () => position.tree,
    membership: () => position.membership,
    said: held.said,
    linearized: held.linearized,
    interactions: (order) => (order === 'canonical' ? all(held.linearized()) : held.jami(position.head)),
    async advance(head, { walked, signal }) {
      return goOn(head, await readLacking(history, head, { known: held.graph, walked, signal }));
    },
    async advanceBy(chain) {
      for (const { commit } of chain) history.remember(commit);
      return goOn(
        chain.at(-1)?.commit.id ?? position.head,
        chain.map(({ said }) => said),
      );
    },
    onFilesChanged(listener) {
      filesChanged = listener;
    },
    takeUnkept,
  };
}

interface ReadLog {
  readonly held: HeldHistory;
  /** How many rows of it were in the checkpoint: the first ones. */
  readonly kept: number;
}

async function readAll(
  history: HistoryReader,
  head: CommitId,
  { signal, checkpoint }: { readonly signal: AbortSignal; readonly checkpoint: LogCheckpoint | undefined },
): Promise<ReadLog> {
  const held = await readCheckpoint(checkpoint, signal);
  const kept = held.graph.size;
  const lacking = await readLacking(history, head, { known: held.graph, signal });
  if (!isReached(held.graph, head, lacking)) {
    await checkpoint?.drop();
    return readAll(history, head, { signal, checkpoint: undefined });
  }
  for (let start = 0; start < lacking.length; start += CHECKPOINT_SEGMENT) {
    held.take(lacking.slice(start, start + CHECKPOINT_SEGMENT));
    await breathe();
  }
  return { held, kept };
}

function all(history: LinearizedHistory): readonly Interaction[] {
  return Array.from({ length: history.length }, (_, position) => history.at(position));
}

/** What the head reaches and is not known yet, parents first. */
async function readLacking(
  history: HistoryReader,
  head: CommitId,
  { known, walked, signal }: AdvanceLog & { readonly known: CommitGraph },
): Promise<readonly UnlinkedInteraction[]> {
  const giveWay = createPauses();
  const read: UnlinkedInteraction[] = [];
  for (const id of walked ? walkedIds(walked) : []) {
    await giveWay();
    read.push(await interactionOf(history, await history.commit(id)));
  }
  return [...read, ...(await readInteractions(history, head, { known: walked?.graph ?? known, signal }))];
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
