import type { CommitId } from '../../ids.ts';
import { type Arrangement, arrangeInSteps, COMMITS_PER_STEP } from './arrange.ts';
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
  const steps = linearizeInSteps(commits);
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}

/** As `linearize`, for so many commits that others want a turn in between; `nextTurn` resolves when they had theirs. */
export async function linearizeInTurns<Node extends CommitNode>(
  commits: Iterable<Node>,
  nextTurn: () => Promise<void>,
): Promise<readonly Node[]> {
  const steps = linearizeInSteps(commits);
  let step = steps.next();
  for (; !step.done; step = steps.next()) await nextTurn();
  return step.value;
}

function* linearizeInSteps<Node extends CommitNode>(commits: Iterable<Node>): Generator<void, readonly Node[]> {
  const { nodes, arrangement } = yield* arrangementOf(commits);
  return nodesAt(nodes, yield* arrangeInSteps(arrangement));
}

/** Smaller time first, then smaller id: a total order, since no two commits share an id. */
export function isEarlier(a: CommitNode, b: CommitNode): boolean {
  return a.committedAt < b.committedAt || (a.committedAt === b.committedAt && a.id < b.id);
}

interface Arranged<Node> {
  readonly nodes: readonly Node[];
  readonly arrangement: Arrangement;
}

function* arrangementOf<Node extends CommitNode>(commits: Iterable<Node>): Generator<void, Arranged<Node>> {
  const nodes: Node[] = [];
  const places = new Map<CommitId, number>();
  for (const commit of commits) {
    if (places.has(commit.id)) continue;
    places.set(commit.id, nodes.length);
    nodes.push(commit);
    if (nodes.length % COMMITS_PER_STEP === 0) yield;
  }
  const arrangement: Arrangement = {
    count: nodes.length,
    forEachParent(place, visit) {
      for (const parent of nodes[place]?.parents ?? []) {
        const parentPlace = places.get(parent);
        if (parentPlace !== undefined) visit(parentPlace);
      }
    },
    isEarlier(place, other) {
      const [one, two] = [nodes[place], nodes[other]];
      return one !== undefined && two !== undefined && isEarlier(one, two);
    },
  };
  return { nodes, arrangement };
}

function nodesAt<Node>(nodes: readonly Node[], places: Int32Array): readonly Node[] {
  return Array.from(places).flatMap((place) => nodes[place] ?? []);
}
