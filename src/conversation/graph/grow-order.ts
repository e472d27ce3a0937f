import type { CommitId } from '../../ids.ts';
import type { CommitNode } from './commit-node.ts';
import { isEarlier, linearize } from './linearize.ts';

export interface GrownOrder<Node extends CommitNode> {
  readonly order: readonly Node[];
  /** The first place that holds another commit than before. */
  readonly from: number;
}

/**
 * The canonical order of commits in it already and of fresh ones, as `linearize` gives it for all of them, at the cost
 * of what changes its place. `order` is the order of a set that holds the parents of all its commits, so none of the fresh ones is
 * an ancestor of an old one.
 */
export function growOrder<Node extends CommitNode>(order: readonly Node[], fresh: readonly Node[]): GrownOrder<Node> {
  const from = firstChange(order, fresh);
  return { order: [...order.slice(0, from), ...linearize([...order.slice(from), ...fresh])], from };
}

/**
 * A fresh commit may come next once its last parent has passed, and does as soon as it is earlier than the one that came
 * next before. Going backwards, each is waited for until its parent is met. One on top of a fresh one comes after that.
 */
function firstChange(order: readonly CommitNode[], fresh: readonly CommitNode[]): number {
  const ids = new Set(fresh.map(({ id }) => id));
  const lowest = fresh
    .filter(({ parents }) => !parents.some((parent) => ids.has(parent)))
    .toSorted((a, b) => (isEarlier(a, b) ? -1 : 1));
  const waiting = new Set(lowest);
  const onParent = childrenOf(lowest);
  let from = order.length;
  let earliest = 0;
  for (let place = order.length - 1; place >= 0 && waiting.size > 0; place -= 1) {
    const passed = order[place];
    for (const child of (passed && onParent.get(passed.id)) ?? []) waiting.delete(child);
    let next = lowest[earliest];
    for (; next && !waiting.has(next); next = lowest[earliest]) earliest += 1;
    if (next && passed && isEarlier(next, passed)) from = place;
  }
  return from;
}

function childrenOf(commits: readonly CommitNode[]): ReadonlyMap<CommitId, readonly CommitNode[]> {
  const children = new Map<CommitId, CommitNode[]>();
  for (const commit of commits)
    for (const parent of commit.parents) {
      const known = children.get(parent);
      if (known) known.push(commit);
      else children.set(parent, [commit]);
    }
  return children;
}
