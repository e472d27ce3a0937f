import type { CommitId } from '../../ids.ts';
import type { CommitNode } from './commit-node.ts';

/** A commit with its generation: one more than the highest of its parents, so that every ancestor's is smaller. */
export interface PlacedCommit extends CommitNode {
  readonly generation: number;
}

/**
 * The commits of one conversation, parents before children. Grows, never shrinks.
 * A graph may lie on top of another (`base`): staged commits on those that are part of the log.
 */
export class CommitGraph {
  readonly #base: CommitGraph | undefined;
  readonly #placed = new Map<CommitId, PlacedCommit>();

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
    this.#placed.set(id, { id, parents, committedAt, generation });
  }

  *commits(): Iterable<PlacedCommit> {
    if (this.#base) yield* this.#base.commits();
    yield* this.#placed.values();
  }
}
