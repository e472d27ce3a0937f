import { arrange } from './arrange.ts';
import type { CommitGraph } from './commit-graph.ts';

type Rows = Pick<CommitGraph, 'parentRows' | 'firstParentRow' | 'isEarlier'>;

export interface GrownOrder {
  /** The first place that holds another commit than before. */
  readonly from: number;
  /** The rows from there on. */
  readonly moved: Int32Array;
}

/**
 * What the canonical order of a graph's first rows becomes when there are `size` of them, as `linearize` gives it for all,
 * at the cost of what changes its place. The rows in it already hold the parents of each other, so none of the
 * fresh ones is an ancestor of an old one.
 */
export function growOrder(graph: Rows, order: Int32Array, size: number): GrownOrder {
  const fresh = new Int32Array(size - order.length);
  for (let place = 0; place < fresh.length; place += 1) fresh[place] = order.length + place;
  if (isOneAfterTheOther(graph, order, size)) return { from: order.length, moved: fresh };
  const from = firstChange(graph, order, fresh);
  const tail = order.subarray(from);
  const rows = new Int32Array(tail.length + fresh.length);
  rows.set(tail);
  rows.set(fresh, tail.length);
  const placeOf = tail.length === 0 ? (row: number) => row - order.length : placesIn(rows, size);
  const rowAt = (place: number) => rows[place] ?? 0;
  const arranged = arrange({
    count: rows.length,
    forEachParent(place, visit) {
      for (const parent of graph.parentRows(rowAt(place))) if (placeOf(parent) >= 0) visit(placeOf(parent));
    },
    isEarlier: (place, other) => graph.isEarlier(rowAt(place), rowAt(other)),
  });
  return { from, moved: arranged.map(rowAt) };
}

/** Each fresh row is on top of the one before it, the first one on the last of the order: nothing else can come between. */
function isOneAfterTheOther(graph: Rows, order: Int32Array, size: number): boolean {
  let last = order.at(-1);
  for (let row = order.length; row < size; row += 1) {
    if (last !== undefined && graph.firstParentRow(row) !== last && !graph.parentRows(row).includes(last)) return false;
    last = row;
  }
  return true;
}

/** Where each row stands among some of `size`; negative when it is none of them. */
function placesIn(rows: Int32Array, size: number): (row: number) => number {
  if (rows.length === size) {
    const all = new Int32Array(size);
    for (const [place, row] of rows.entries()) all[row] = place;
    return (row) => all[row] ?? -1;
  }
  const places = new Map(Array.from(rows, (row, place) => [row, place]));
  return (row) => places.get(row) ?? -1;
}

/**
 * A fresh commit may come next once its last parent has passed, and does as soon as it is earlier than the one that came
 * next before. Going backwards, each is waited for until its parent is met. One on top of a fresh one comes after that.
 */
function firstChange(graph: Rows, order: Int32Array, fresh: Int32Array): number {
  const isFresh = (row: number) => row >= order.length;
  const lowest = Array.from(fresh.filter((row) => !graph.parentRows(row).some(isFresh)));
  lowest.sort((a, b) => (graph.isEarlier(a, b) ? -1 : 1));
  const waiting = new Set(lowest);
  const onParent = childrenOf(graph, lowest);
  let from = order.length;
  let earliest = 0;
  for (let place = order.length - 1; place >= 0 && waiting.size > 0; place -= 1) {
    const passed = order[place] ?? 0;
    for (const child of onParent.get(passed) ?? []) waiting.delete(child);
    let next = lowest[earliest];
    for (; next !== undefined && !waiting.has(next); next = lowest[earliest]) earliest += 1;
    if (next !== undefined && graph.isEarlier(next, passed)) from = place;
  }
  return from;
}

function childrenOf(graph: Rows, rows: readonly number[]): ReadonlyMap<number, readonly number[]> {
  const children = new Map<number, number[]>();
  for (const row of rows)
    for (const parent of graph.parentRows(row)) {
      const known = children.get(parent);
      if (known) known.push(row);
      else children.set(parent, [row]);
    }
  return children;
}
