import { IdTable } from '../../id-table.ts';
import type { CommitId } from '../../ids.ts';
import type { CommitNode } from '../graph/commit-node.ts';
import { findingIn, hasSameTree, nodeIn, parentsIn, RECORD_BYTES } from './screened-record.ts';

/** What threads found of the commits of a history. Those it does not know have to be read. */
export class ScreenedCommits {
  readonly #ids = new IdTable();
  readonly #records: Buffer[] = [];

  /** Records of a slice, one behind the other; the first word on a commit holds. */
  add(records: Uint8Array): void {
    const bytes = Buffer.from(records.buffer, records.byteOffset, records.byteLength);
    for (let at = 0; at < bytes.byteLength; at += RECORD_BYTES) {
      if (this.#ids.rowOfBytes(bytes, at) !== undefined) continue;
      this.#ids.addBytes(bytes, at);
      this.#records.push(bytes.subarray(at, at + RECORD_BYTES));
    }
  }

  /** Whether the commit whose id these are the 20 bytes of is known. */
  has(id: Buffer): boolean {
    return this.#ids.rowOfBytes(id, 0) !== undefined;
  }

  get(id: CommitId): CommitNode | undefined {
    const record = this.#at(this.#ids.rowOf(id));
    return record && nodeIn(record);
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
    return row === undefined ? undefined : this.#records[row];
  }
}
