import { asCommitId, ID_BYTES, idFromBytes } from './id-bytes.ts';
import type { CommitId } from './ids.ts';

const FIRST_ROOM = 16;
const FREE = -1;

/**
 * Commit ids in the order they came, and the row of each: 20 bytes and 8 bytes of hash table an id, where a map of
 * strings takes ten times as much.
 */
export class IdTable {
  #bytes = Buffer.alloc(FIRST_ROOM * ID_BYTES);
  #size = 0;
  /** Open addressing: the row that has the place, at most every other place taken. */
  #slots = new Int32Array(2 * FIRST_ROOM).fill(FREE);
  readonly #asked = Buffer.alloc(ID_BYTES);

  get size(): number {
    return this.#size;
  }

  /** Of a row that is there. */
  idAt(row: number): CommitId {
    return asCommitId(idFromBytes(this.#bytes, row * ID_BYTES));
  }

  rowOf(id: CommitId): number | undefined {
    this.#asked.write(id, 'hex');
    return this.rowOfBytes(this.#asked, 0);
  }

  /** Of the id whose bytes begin at `at`. */
  rowOfBytes(bytes: Buffer, at: number): number | undefined {
    const row = this.#slots[this.#slotOf(bytes, at)] ?? FREE;
    return row === FREE ? undefined : row;
  }

  /** The row of an id that is not there yet. */
  add(id: CommitId): number {
    this.#asked.write(id, 'hex');
    return this.addBytes(this.#asked, 0);
  }

  addBytes(bytes: Buffer, at: number): number {
    if (2 * (this.#size + 1) > this.#slots.length) this.#grow();
    const row = this.#size;
    this.#slots[this.#slotOf(bytes, at)] = row;
    bytes.copy(this.#bytes, row * ID_BYTES, at, at + ID_BYTES);
    this.#size += 1;
    return row;
  }

  /** A copy of the ids of the rows from `start` up to `end`. */
  bytes(start: number, end: number): Buffer {
    return Buffer.from(this.#bytes.subarray(start * ID_BYTES, end * ID_BYTES));
  }

  /** Negative when the id of the one row stands before that of the other. */
  compare(row: number, other: number): number {
    const [from, to] = [other * ID_BYTES, row * ID_BYTES];
    return this.#bytes.compare(this.#bytes, from, from + ID_BYTES, to, to + ID_BYTES);
  }

  /** The place of an id, or the free one that it would take. */
  #slotOf(bytes: Buffer, at: number): number {
    const mask = this.#slots.length - 1;
    let slot = hashOf(bytes, at) & mask;
    for (let row = this.#slots[slot] ?? FREE; row !== FREE; row = this.#slots[slot] ?? FREE) {
      if (bytes.compare(this.#bytes, row * ID_BYTES, (row + 1) * ID_BYTES, at, at + ID_BYTES) === 0) return slot;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #grow(): void {
    const larger = Buffer.alloc(2 * this.#bytes.length);
    this.#bytes.copy(larger);
    this.#bytes = larger;
    this.#slots = new Int32Array(2 * this.#slots.length).fill(FREE);
    for (let row = 0; row < this.#size; row += 1) this.#slots[this.#slotOf(this.#bytes, row * ID_BYTES)] = row;
  }
}

/** Ids are hashes already; mixed once more, so that ids of tests, which count up, spread as well. */
function hashOf(bytes: Buffer, at: number): number {
  const mixed =
    Math.imul(bytes.readInt32BE(at), 0x85ebca6b) ^
    Math.imul(bytes.readInt32BE(at + 4), 0x9e3779b1) ^
    Math.imul(bytes.readInt32BE(at + 16), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}
