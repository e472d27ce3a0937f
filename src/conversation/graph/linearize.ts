import type { CommitId } from '../../ids.ts';
import { arrange } from './arrange.ts';
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
  const nodes: Node[] = [];
  const places = new Map<CommitId, number>();
  for (const commit of commits) {
    if (places.has(commit.id)) continue;
    places.set(commit.id, nodes.length);
    nodes.push(commit);
  }
  const order = arrange({
    count: nodes.length,
    parentsOf: (place) => (nodes[place]?.parents ?? []).flatMap((parent) => places.get(parent) ?? []),
    isEarlier(place, other) {
      const [one, two] = [nodes[place], nodes[other]];
      return one !== undefined && two !== undefined && isEarlier(one, two);
    },
  });
  return Array.from(order).flatMap((place) => nodes[place] ?? []);
}

/** Smaller time first, then smaller id: a total order, since no two commits share an id. */
export function isEarlier(a: CommitNode, b: CommitNode): boolean {
  return a.committedAt < b.committedAt || (a.committedAt === b.committedAt && a.id < b.id);
}
