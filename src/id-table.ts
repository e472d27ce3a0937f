import { asCommitId, ID_BYTES, idFromBytes } from './id-bytes.ts';
import type { CommitId } from './ids.ts';

const FIRST_ROOM = 16;
const FREE = -1;
const WORD_BYTES = 4;

/**
 * Commit ids in the order they came, and the row of each: 20 bytes and 8 bytes of hash table an id, where a map of
 * strings takes ten times as much. Ids are compared word by word: a call that compares bytes costs more than all the rest.
 */
export class IdTable {
  #bytes = Buffer.alloc(FIRST_ROOM * ID_BYTES);
  #view = viewOf(this.#bytes);
  #size = 0;
  /** Open addressing: the row that has the place, at most every other place taken. */
  #slots = new Int32Array(2 * FIRST_ROOM).fill(FREE);
  readonly #asked = Buffer.alloc(ID_BYTES);
  /** The words of the id that is being looked for. */
  readonly #sought = new Int32Array(ID_BYTES / WORD_BYTES);

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
    this.#seek(bytes, at);
    const row = this.#slots[this.#slotOfSought()] ?? FREE;
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
    this.#seek(bytes, at);
    this.#slots[this.#slotOfSought()] = row;
    for (let word = 0; word < this.#sought.length; word += 1)
      this.#view.setInt32(row * ID_BYTES + word * WORD_BYTES, this.#sought[word] ?? 0, true);
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

  #seek(bytes: Buffer, at: number): void {
    for (let word = 0; word < this.#sought.length; word += 1)
      this.#sought[word] = bytes.readInt32LE(at + word * WORD_BYTES);
  }

  /** The place of the id that is sought, or the free one that it would take. */
  #slotOfSought(): number {
    const mask = this.#slots.length - 1;
    let slot = hashOf(this.#sought) & mask;
    for (let row = this.#slots[slot] ?? FREE; row !== FREE; row = this.#slots[slot] ?? FREE) {
      if (this.#isSought(row)) return slot;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #isSought(row: number): boolean {
    for (let word = 0; word < this.#sought.length; word += 1)
      if (this.#view.getInt32(row * ID_BYTES + word * WORD_BYTES, true) !== this.#sought[word]) return false;
    return true;
  }

  #grow(): void {
    const larger = Buffer.alloc(2 * this.#bytes.length);
    this.#bytes.copy(larger);
    this.#bytes = larger;
    this.#view = viewOf(larger);
    this.#slots = new Int32Array(2 * this.#slots.length).fill(FREE);
    for (let row = 0; row < this.#size; row += 1) {
      this.#seek(larger, row * ID_BYTES);
      this.#slots[this.#slotOfSought()] = row;
    }
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Ids are hashes already; mixed once more, so that ids of tests, which count up, spread as well. */
function hashOf(words: Int32Array): number {
  const mixed =
    Math.imul(words[0] ?? 0, 0x85ebca6b) ^ Math.imul(words[1] ?? 0, 0x9e3779b1) ^ Math.imul(words[4] ?? 0, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}
