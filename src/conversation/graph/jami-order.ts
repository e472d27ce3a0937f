import { BinaryHeap } from '../../binary-heap.ts';
import type { CommitId } from '../../ids.ts';
import type { CommitNode } from './commit-node.ts';

/**
 * The order in which the Jami daemon lists a conversation, turned round: oldest first.
 *
 * The daemon walks from the head, newest first and children before parents; the commits that may come next lie in a
 * binary heap on their time. Ties within one second fall as that heap gives them, so the order depends on the head that
 * a replica stands on: it is for showing what Jami shows, never for deciding anything.
 */
export function jamiOrder<Node extends CommitNode>(commits: Lookup<Node>, head: CommitId): Node[] {
  const unseenChildren = countChildren(commits, head);
  const ready = new BinaryHeap<Node>((a, b) => a.committedAt > b.committedAt);
  const newestFirst: Node[] = [];
  const first = commits.get(head);
  if (first) ready.push(first);
  for (let next = ready.pop(); next; next = ready.pop()) {
    newestFirst.push(next);
    for (const id of next.parents) {
      const left = (unseenChildren.get(id) ?? 0) - 1;
      unseenChildren.set(id, left);
      const parent = commits.get(id);
      if (left === 0 && parent) ready.push(parent);
    }
  }
  return newestFirst.reverse();
}

/** A `CommitGraph`, or a plain map. */
interface Lookup<Node> {
  get(id: CommitId): Node | undefined;
}

/** How often each commit is named as a parent by what the head reaches. */
function countChildren(commits: Lookup<CommitNode>, head: CommitId): Map<CommitId, number> {
  const counts = new Map<CommitId, number>();
  const open: CommitId[] = [head];
  for (let id = open.pop(); id; id = open.pop()) {
    for (const parent of commits.get(id)?.parents ?? []) {
      const count = counts.get(parent) ?? 0;
      counts.set(parent, count + 1);
      if (count === 0) open.push(parent);
    }
  }
  return counts;
}
