import type { CommitGraph } from '../graph/commit-graph.ts';
import { growOrder } from '../graph/grow-order.ts';

/**
 * The rows of a graph in the canonical order. An order does not change: one that grew is another one. Those that only grew at
 * their end share their memory, of which each one looks at no more than its own part.
 */
export interface HeldOrder {
  /** As many as the graph had rows then. */
  readonly length: number;
  /** Row by position; only those up to `length` count. */
  readonly rows: Int32Array;
  /** Position by row; likewise. */
  readonly positions: Int32Array;
}

export const NO_ORDER: HeldOrder = { length: 0, rows: new Int32Array(0), positions: new Int32Array(0) };

/** The order once the graph has more rows. Of each order no more than one may be grown from. */
export function grownOrder(order: HeldOrder, graph: CommitGraph): HeldOrder {
  const length = graph.size;
  if (length === order.length) return order;
  const { from, moved } = growOrder(graph, order.rows.subarray(0, order.length), length);
  const isAppended = from === order.length && length <= order.rows.length;
  const { rows, positions } = isAppended ? order : copyOf(order, length);
  rows.set(moved, from);
  for (let place = 0; place < moved.length; place += 1) positions[moved[place] ?? 0] = from + place;
  return { length, rows, positions };
}

/** With room for half as many again. */
function copyOf({ length, rows, positions }: HeldOrder, needed: number): Pick<HeldOrder, 'rows' | 'positions'> {
  const copy = (values: Int32Array) => {
    const larger = new Int32Array(needed + (needed >> 1));
    larger.set(values.subarray(0, length));
    return larger;
  };
  return { rows: copy(rows), positions: copy(positions) };
}
