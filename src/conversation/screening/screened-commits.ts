import { IdTable } from '../../id-table.ts';
import type { CommitId } from '../../ids.ts';
import { Column } from '../graph/column.ts';
import type { CommitNode } from '../graph/commit-node.ts';
import { findingIn, hasSameTree, nodeIn, parentsIn, RECORD_BYTES } from './screened-record.ts';

/** What threads found of the commits of a history. Those it does not know have to be read. */
export class ScreenedCommits {
  readonly #ids = new IdTable();
  /** Records as they came, of many commits each. */
  readonly #stretches: Buffer[] = [];
  /** Of each row: which stretch its record is in, and where. */
  readonly #stretchOf = new Column(Int32Array);
  readonly #places = new Column(Int32Array);

  get size(): number {
    return this.#ids.size;
  }

  /** Records of a slice, one behind the other; the first word on a commit holds. */
  add(records: Uint8Array): void {
    const bytes = Buffer.from(records.buffer, records.byteOffset, records.byteLength);
    const stretch = this.#stretches.push(bytes) - 1;
    for (let at = 0; at < bytes.byteLength; at += RECORD_BYTES) {
      if (this.#ids.rowOfBytes(bytes, at) !== undefined) continue;
      this.#ids.addBytes(bytes, at);
      this.#stretchOf.push(stretch);
      this.#places.push(at);
    }
  }

  /** Of the commit whose id begins at `at`: rows count from 0, as they came. */
  rowOfBytes(bytes: Buffer, at = 0): number | undefined {
    return this.#ids.rowOfBytes(bytes, at);
  }

  /** Of a row that is there; as `writeRecord` makes them, not to be changed. */
  recordAt(row: number): Buffer {
    const at = this.#places.at(row);
    const stretch = this.#stretches[this.#stretchOf.at(row)] ?? Buffer.of();
    return stretch.subarray(at, at + RECORD_BYTES);
  }

  /** Negative when the id of the one row stands before that of the other. */
  compareIds(row: number, other: number): number {
    return this.#ids.compare(row, other);
  }

  get(id: CommitId): CommitNode | undefined {
    const record = this.#at(this.#ids.rowOf(id));
    return record && nodeIn(record);
  }

  /** Whether the key that the author's device id stands for is known to have made the signature. */
  isSigned(id: CommitId): boolean {
    const record = this.#at(this.#ids.rowOf(id));
    return record !== undefined && findingIn(record).isSigned;
  }

  /** The record of a signed commit that is ordinary, or a merge, and has the tree of its parents. */
  unchanging(id: CommitId): Buffer | undefined {
    const record = this.#at(this.#ids.rowOf(id));
    if (!record) return undefined;
    const { readsAs, isSigned } = findingIn(record);
    if (!isSigned || readsAs === 'other') return undefined;
    for (const at of parentsIn(record)) {
      const parent = this.#at(this.#ids.rowOfBytes(record, at));
      if (!parent || !hasSameTree(parent, record)) return undefined;
    }
    return record;
  }

  #at(row: number | undefined): Buffer | undefined {
    return row === undefined ? undefined : this.recordAt(row);
  }
}
