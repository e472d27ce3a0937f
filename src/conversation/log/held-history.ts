import { SyncError } from '../../errors.ts';
import type { Interaction } from '../../events/interaction.ts';
import type { LinearizedHistory } from '../../events/linearized-history.ts';
import type { CommitId } from '../../ids.ts';
import type { CommitGraph } from '../graph/commit-graph.ts';
import { jamiOrder } from '../graph/jami-order.ts';
import { grownOrder, type HeldOrder, NO_ORDER } from './held-order.ts';
import { linked, type UnlinkedInteraction } from './interaction-of.ts';
import { InteractionStore, type Rows } from './interaction-store.ts';

/** Interactions in memory, in the canonical order, which grows where something comes in. */
export interface HeldHistory {
  readonly graph: CommitGraph;
  said(commit: CommitId): UnlinkedInteraction | undefined;
  linearized(): LinearizedHistory;
  /** In the order that the Jami daemon shows on this head. Reads all of it. */
  jami(head: CommitId): readonly Interaction[];
  /** Takes in what is not there yet, parents before children. Returns it in canonical order. */
  take(read: readonly UnlinkedInteraction[]): readonly Interaction[];
  /** The same for rows of another one. */
  takeRows(rows: Rows): void;
  /** In the order they were taken in. */
  rows(start: number, end: number): Rows;
}

export function createHeldHistory(): HeldHistory {
  const store = new InteractionStore();
  const { graph } = store;
  let order = NO_ORDER;

  return {
    graph,
    said(commit) {
      const row = graph.rowOf(commit);
      return row === undefined ? undefined : store.at(row);
    },
    linearized: () => linearizedOver(store, order),
    jami: (head) => linked(jamiOrder(graph, head).map(({ id }) => store.at(known(graph.rowOf(id))))),
    take(read) {
      const fresh = read.filter(({ id }) => !graph.has(id));
      const before = graph.size;
      for (const one of fresh) store.add(one);
      order = grownOrder(order, graph);
      const { idAt } = linearizedOver(store, order);
      const { positions } = order;
      return fresh
        .map((one, place) => ({ one, position: known(positions[before + place]) }))
        .sort((a, b) => a.position - b.position)
        .map(({ one, position }) => ({ ...one, ...(position > 0 && { linearizedParent: idAt(position - 1) }) }));
    },
    takeRows(rows) {
      store.addRows(rows);
      order = grownOrder(order, graph);
    },
    rows: (start, end) => store.rows(start, end),
  };
}

function linearizedOver(store: InteractionStore, { length, rows, positions }: HeldOrder): LinearizedHistory {
  const rowAt = (position: number) => known(position < length ? rows[position] : undefined);
  const idAt = (position: number) => store.graph.idAt(rowAt(position));
  return {
    length,
    idAt,
    at: (position) => store.at(rowAt(position), position > 0 ? idAt(position - 1) : undefined),
    heading: (position) => store.heading(rowAt(position)),
    positionOf(id) {
      const row = store.graph.rowOf(id);
      return row !== undefined && row < length ? positions[row] : undefined;
    },
    changesOf(position) {
      const there = store.changesOf(rowAt(position)).filter((row) => row < length);
      return there.map((row) => known(positions[row])).sort((a, b) => a - b);
    },
  };
}

function known(row: number | undefined): number {
  if (row === undefined) throw new SyncError('UNREACHABLE', { value: 'a row that is not there' });
  return row;
}
