import { ID_BYTES } from '../id-bytes.ts';
import { IdTable } from '../id-table.ts';
import type { CommitId } from '../ids.ts';

/**
 * Commit ids in the order they came. Persistent: one more gives another set. Sets that only grew share their memory, a tenth
 * of what a set of strings takes; each one looks at no more than its own part.
 */
export class CommitIdSet implements Iterable<CommitId> {
  static readonly empty = new CommitIdSet(new IdTable(), 0);

  readonly #table: IdTable;
  readonly size: number;

  private constructor(table: IdTable, size: number) {
    this.#table = table;
    this.size = size;
  }

  has(id: CommitId): boolean {
    return this.placeOf(id) !== undefined;
  }

  /** How many came before it. */
  placeOf(id: CommitId): number | undefined {
    const row = this.#table.rowOf(id);
    return row !== undefined && row < this.size ? row : undefined;
  }

  add(id: CommitId): CommitIdSet {
    if (this.has(id)) return this;
    const table = this.#tableToGrow();
    table.add(id);
    return new CommitIdSet(table, this.size + 1);
  }

  /** Adds ids as bytes, `ID_BYTES` each. */
  addBytes(bytes: Buffer): CommitIdSet {
    const table = this.#tableToGrow();
    for (let at = 0; at < bytes.byteLength; at += ID_BYTES)
      if (table.rowOfBytes(bytes, at) === undefined) table.addBytes(bytes, at);
    return new CommitIdSet(table, table.size);
  }

  /** The ids from `start` up to `end`, as bytes of which nobody else has a hold. */
  bytes(start: number, end: number): Buffer {
    return this.#table.bytes(start, Math.min(end, this.size));
  }

  *[Symbol.iterator](): Iterator<CommitId> {
    for (let row = 0; row < this.size; row += 1) yield this.#table.idAt(row);
  }

  /** The same for the latest of the sets that share a table; another one takes its part along. The empty one stays empty. */
  #tableToGrow(): IdTable {
    if (this.size > 0 && this.#table.size === this.size) return this.#table;
    const copy = new IdTable();
    copy.addAll(this.bytes(0, this.size));
    return copy;
  }
}
