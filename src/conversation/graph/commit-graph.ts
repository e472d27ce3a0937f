import type { CommitId } from '../../ids.ts';
import type { CommitNode } from './commit-node.ts';

/** A commit with its generation: one more than the highest of its parents, so that every ancestor's is smaller. */
export interface PlacedCommit extends CommitNode {
  readonly generation: number;
  /** A line of commits, each a child of the one before: of two in one chain, the one at the smaller place is an ancestor. */
  readonly chain: Chain;
  /** In the chain, from 0. */
  readonly place: number;
}

export interface Chain {
  /** Where other chains come in, the chain's beginning included; lowest place first. */
  readonly joins: readonly Join[];
}

export interface Join {
  readonly place: number;
  readonly generation: number;
  /** Those that are not in the chain. */
  readonly parents: readonly CommitId[];
}

interface GrowingChain extends Chain {
  readonly joins: Join[];
  length: number;
}

/**
 * The commits of one conversation, parents before children. Grows, never shrinks.
 * A graph may lie on top of another (`base`): staged commits on those that are part of the log.
 */
export class CommitGraph {
  readonly #base: CommitGraph | undefined;
  readonly #placed = new Map<CommitId, PlacedCommit>();
  /** The chains that may go on, by their last commit. Those of the base are its own. */
  readonly #tips = new Map<CommitId, GrowingChain>();

  constructor(base?: CommitGraph) {
    this.#base = base;
  }

  get size(): number {
    return this.#placed.size + (this.#base?.size ?? 0);
  }

  has(id: CommitId): boolean {
    return this.get(id) !== undefined;
  }

  get(id: CommitId): PlacedCommit | undefined {
    return this.#placed.get(id) ?? this.#base?.get(id);
  }

  /** Adding twice is adding once. Parents that are not there count as absent for good. */
  add({ id, parents, committedAt }: CommitNode): void {
    if (this.has(id)) return;
    const generation = 1 + Math.max(0, ...parents.map((parent) => this.get(parent)?.generation ?? 0));
    const before = parents.find((parent) => this.#tips.has(parent));
    const chain: GrowingChain = (before && this.#tips.get(before)) ?? { joins: [], length: 0 };
    const others = parents.filter((parent) => parent !== before);
    const place = chain.length;
    if (others.length > 0) chain.joins.push({ place, generation, parents: others });
    chain.length += 1;
    if (before) this.#tips.delete(before);
    this.#tips.set(id, chain);
    this.#placed.set(id, { id, parents, committedAt, generation, chain, place });
  }

  *commits(): Iterable<PlacedCommit> {
    if (this.#base) yield* this.#base.commits();
    yield* this.#placed.values();
  }
}
