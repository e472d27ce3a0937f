import { List, type Seq } from 'immutable';
import type { CommitId } from '../ids.ts';
import { CommitIdSet } from './commit-id-set.ts';

/**
 * What interactions announced, in the order it came, each found by its commit. Persistent: one more gives another table. Half
 * the price of a persistent map, whose keys are hashed one character after the other.
 */
export class CommitTable<Entry extends { readonly interaction: CommitId }> implements Iterable<Entry> {
  readonly #ids: CommitIdSet;
  readonly #entries: List<Entry>;

  private constructor(ids: CommitIdSet, entries: List<Entry>) {
    this.#ids = ids;
    this.#entries = entries;
  }

  static of<Entry extends { readonly interaction: CommitId }>(...entries: readonly Entry[]): CommitTable<Entry> {
    return entries.reduce((table, entry) => table.with(entry), new CommitTable<Entry>(CommitIdSet.empty, List()));
  }

  get size(): number {
    return this.#entries.size;
  }

  get(id: CommitId): Entry | undefined {
    const place = this.#ids.placeOf(id);
    return place === undefined ? undefined : this.#entries.get(place);
  }

  /** With one more, or with another one in the place of that of the same commit. */
  with(entry: Entry): CommitTable<Entry> {
    const place = this.#ids.placeOf(entry.interaction);
    if (place !== undefined) return new CommitTable(this.#ids, this.#entries.set(place, entry));
    return new CommitTable(this.#ids.add(entry.interaction), this.#entries.push(entry));
  }

  newestFirst(): Seq.Indexed<Entry> {
    return this.#entries.toSeq().reverse();
  }

  [Symbol.iterator](): Iterator<Entry> {
    return this.#entries[Symbol.iterator]();
  }
}
