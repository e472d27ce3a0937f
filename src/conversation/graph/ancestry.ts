/**
 * Who descends from whom. All walks go from high generations to low ones, so that a commit is looked at after all of
 * its descendants and a walk ends as soon as nothing below can matter.
 */
import { BinaryHeap } from '../../binary-heap.ts';
import type { CommitId } from '../../ids.ts';
import type { Chain, CommitGraph, PlacedCommit } from './commit-graph.ts';

const OURS = 1;
const THEIRS = 2;
/** Below a merge base: common, but not best. */
const STALE = 4;

/**
 * The best common ancestors: those that are no ancestor of another common one. Sorted by id; more than one after
 * criss-cross merges.
 */
export function mergeBases(graph: CommitGraph, ours: CommitId, theirs: CommitId): readonly CommitId[] {
  const walk = new Painting(graph);
  walk.paint(ours, OURS);
  walk.paint(theirs, THEIRS);
  const bases: CommitId[] = [];
  for (let next = walk.next(); next; next = walk.next()) {
    const isCommon = (next.paint & (OURS | THEIRS)) === (OURS | THEIRS);
    if (isCommon && !(next.paint & STALE)) bases.push(next.commit.id);
    const passedOn = isCommon ? next.paint | STALE : next.paint;
    for (const parent of next.commit.parents) walk.paint(parent, passedOn);
  }
  return bases.sort();
}

/**
 * True when `ancestor` is `descendant` or can be reached from it. Goes from chain to chain, so it costs what there are
 * merges in between.
 */
export function isAncestor(graph: CommitGraph, ancestor: CommitId, descendant: CommitId): boolean {
  const sought = graph.get(ancestor);
  if (!sought) return false;
  const reached = new Map<Chain, number>();
  const open: CommitId[] = [descendant];
  for (let id = open.pop(); id; id = open.pop()) {
    const commit = graph.get(id);
    if (!commit || commit.generation < sought.generation) continue;
    if (commit.chain === sought.chain && commit.place >= sought.place) return true;
    const floor = reached.get(commit.chain) ?? -1;
    if (commit.place <= floor) continue;
    reached.set(commit.chain, commit.place);
    open.push(...joinsAbove(commit, { floor, generation: sought.generation }));
  }
  return false;
}

/** What comes into a commit's chain at it or below, down to a place, or to where nothing sought can come in any more. */
function* joinsAbove(
  { chain, place }: PlacedCommit,
  { floor, generation }: { readonly floor: number; readonly generation: number },
): Generator<CommitId> {
  for (let at = lastJoin(chain, place); at >= 0; at -= 1) {
    const join = chain.joins[at];
    if (!join || join.place <= floor || join.generation <= generation) return;
    yield* join.parents;
  }
}

/** The index of the highest join at the place or below it; -1 when there is none. Binary search. */
function lastJoin({ joins }: Chain, place: number): number {
  let low = 0;
  let high = joins.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((joins[middle]?.place ?? 0) <= place) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Hands out painted commits from high generations to low ones, until only stale ones are left. */
class Painting {
  readonly #graph: CommitGraph;
  readonly #paint = new Map<CommitId, number>();
  readonly #open = new BinaryHeap<PlacedCommit>((a, b) => a.generation > b.generation);
  #fresh = 0;

  constructor(graph: CommitGraph) {
    this.#graph = graph;
  }

  paint(id: CommitId, paint: number): void {
    const commit = this.#graph.get(id);
    if (!commit) return;
    const before = this.#paint.get(id);
    const after = (before ?? 0) | paint;
    this.#paint.set(id, after);
    if (before === undefined) this.#open.push(commit);
    this.#fresh += Number(isFresh(after)) - Number(before !== undefined && isFresh(before));
  }

  next(): { commit: PlacedCommit; paint: number } | undefined {
    const commit = this.#fresh > 0 ? this.#open.pop() : undefined;
    if (!commit) return undefined;
    const paint = this.#paint.get(commit.id) ?? 0;
    this.#fresh -= Number(isFresh(paint));
    return { commit, paint };
  }
}

function isFresh(paint: number): boolean {
  return !(paint & STALE);
}
