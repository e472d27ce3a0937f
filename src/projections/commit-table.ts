import { List, type Seq } from 'immutable';
import type { CommitId } from '../ids.ts';
import { CommitIdSet } from './commit-id-set.ts';

/**
 * What is known of commits, in the order it came, each found by its commit. Persistent: one more gives another table. A third of
 * the price of a persistent map, whose keys are hashed one character after the other.
 */
export class CommitTable<Entry> implements Iterable<Entry> {
  readonly #ids: CommitIdSet;
  readonly #entries: List<Entry>;

  private constructor(ids: CommitIdSet, entries: List<Entry>) {
    this.#ids = ids;
    this.#entries = entries;
  }

  static empty<Entry>(): CommitTable<Entry> {
    return new CommitTable<Entry>(CommitIdSet.empty, List());
  }

  get size(): number {
    return this.#entries.size;
  }

  get(id: CommitId): Entry | undefined {
    const place = this.placeOf(id);
    return place === undefined ? undefined : this.at(place);
  }

  /** How many came before it. */
  placeOf(id: CommitId): number | undefined {
    return this.#ids.placeOf(id);
  }

  /** The one before which so many came; undefined beyond the last. */
  at(place: number): Entry | undefined {
    return this.#entries.get(place);
  }

  /** With one more, or with another one in the place of that of the same commit. */
  with(id: CommitId, entry: Entry): CommitTable<Entry> {
    const ids = this.#ids.add(id);
    if (ids !== this.#ids) return new CommitTable(ids, this.#entries.push(entry));
    return new CommitTable(ids, this.#entries.set(ids.placeOf(id) ?? this.size, entry));
  }

  newestFirst(): Seq.Indexed<Entry> {
    return this.#entries.toSeq().reverse();
  }

  [Symbol.iterator](): Iterator<Entry> {
    return this.#entries[Symbol.iterator]();
  }
}
