import { BinaryHeap } from '../../binary-heap.ts';
import type { CommitId } from '../../ids.ts';
import type { CommitNode } from './commit-node.ts';

/**
 * Puts a commit graph into the one order that every replica agrees on, oldest first.
 *
 * Invariants:
 * - A commit comes after all of its parents (parents outside the set count as passed).
 * - Among commits that may come next, the smaller commit time wins, then the smaller id.
 * - The result depends on the set of commits, never on the order they arrived in.
 * - Growth is stable: a new commit never changes the relative order of old ones.
 */
export function linearize<Node extends CommitNode>(commits: Iterable<Node>): readonly Node[] {
  const { children, waitingFor, ready } = index(commits);
  const order: Node[] = [];
  for (let next = ready.pop(); next; next = ready.pop()) {
    order.push(next);
    for (const child of children.get(next.id) ?? []) {
      const left = (waitingFor.get(child.id) ?? 0) - 1;
      waitingFor.set(child.id, left);
      if (left === 0) ready.push(child);
    }
  }
  return order;
}

/** Smaller time first, then smaller id: a total order, since no two commits share an id. */
export function isEarlier(a: CommitNode, b: CommitNode): boolean {
  return a.committedAt < b.committedAt || (a.committedAt === b.committedAt && a.id < b.id);
}

function index<Node extends CommitNode>(commits: Iterable<Node>) {
  const nodes = new Map<CommitId, Node>();
  for (const commit of commits) nodes.set(commit.id, commit);
  const children = new Map<CommitId, Node[]>();
  const waitingFor = new Map<CommitId, number>();
  const ready = new BinaryHeap<Node>(isEarlier);
  for (const commit of nodes.values()) {
    const parents = new Set(commit.parents.filter((parent) => nodes.has(parent)));
    waitingFor.set(commit.id, parents.size);
    for (const parent of parents) listAt(children, parent).push(commit);
    if (parents.size === 0) ready.push(commit);
  }
  return { children, waitingFor, ready };
}

function listAt<Key, Value>(lists: Map<Key, Value[]>, key: Key): Value[] {
  const list = lists.get(key) ?? [];
  if (list.length === 0) lists.set(key, list);
  return list;
}
