import { IdTable } from '../../id-table.ts';
import type { CommitId } from '../../ids.ts';
import type { CommitNode } from '../graph/commit-node.ts';
import {
  hasSameTree,
  isSignedIn,
  nodeIn,
  parentAt,
  parentCountIn,
  RECORD_BYTES,
  readsAsIn,
} from './screened-record.ts';

const FIRST_ROOM = 1024;

/** What threads found of the commits of a history, one row each, from 0, as they came. Those it does not know have to be read. */
export class ScreenedCommits {
  readonly #ids = new IdTable();
  /** One behind the other, with room for more. */
  #records = Buffer.allocUnsafeSlow(FIRST_ROOM * RECORD_BYTES);

  get size(): number {
    return this.#ids.size;
  }

  /** The record of each row, as `writeRecord` makes it, begins at `row * RECORD_BYTES`. To be asked for again when more have come. */
  get records(): Buffer {
    return this.#records;
  }

  /** Records of a slice, one behind the other; the first word on a commit holds. */
  add(records: Uint8Array): void {
    const first = this.size * RECORD_BYTES;
    const end = first + records.byteLength;
    this.#makeRoom(end);
    // All in one piece: those behind one that is known already move up.
    this.#records.set(records, first);
    for (let at = first; at < end; at += RECORD_BYTES) {
      if (this.#ids.rowOfBytes(this.#records, at) !== undefined) continue;
      const place = this.#ids.addBytes(this.#records, at) * RECORD_BYTES;
      if (place < at) this.#records.copyWithin(place, at, at + RECORD_BYTES);
    }
  }

  rowOf(id: CommitId): number | undefined {
    return this.#ids.rowOf(id);
  }

  /** Of the commit whose id begins at `at`. */
  rowOfBytes(bytes: Buffer, at: number): number | undefined {
    return this.#ids.rowOfBytes(bytes, at);
  }

  /** Negative when the id of the one row stands before that of the other. */
  compareIds(row: number, other: number): number {
    return this.#ids.compare(row, other);
  }

  get(id: CommitId): CommitNode | undefined {
    const row = this.rowOf(id);
    return row === undefined ? undefined : nodeIn(this.#records, row * RECORD_BYTES);
  }

  /** Whether the key that the author's device id stands for is known to have made the signature. */
  isSigned(id: CommitId): boolean {
    const row = this.rowOf(id);
    return row !== undefined && isSignedIn(this.#records, row * RECORD_BYTES);
  }

  /** Whether it is a signed commit that is ordinary, or a merge, and has the tree of its parents. */
  isUnchanging(row: number): boolean {
    const at = row * RECORD_BYTES;
    if (!isSignedIn(this.#records, at) || readsAsIn(this.#records, at) === 'other') return false;
    for (let index = 0; index < parentCountIn(this.#records, at); index += 1) {
      const parent = this.#ids.rowOfBytes(this.#records, parentAt(at, index));
      if (parent === undefined || !hasSameTree(this.#records, parent * RECORD_BYTES, at)) return false;
    }
    return true;
  }

  #makeRoom(bytes: number): void {
    if (bytes <= this.#records.byteLength) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(bytes, 2 * this.#records.byteLength));
    this.#records.copy(larger, 0, 0, this.size * RECORD_BYTES);
    this.#records = larger;
  }
}
