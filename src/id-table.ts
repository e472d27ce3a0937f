import { asCommitId, copyId, ID_BYTES, idFromBytes } from './id-bytes.ts';
import type { CommitId } from './ids.ts';

const FIRST_ROOM = 16;
const FREE = -1;
const WORDS = ID_BYTES / Int32Array.BYTES_PER_ELEMENT;

/**
 * Commit ids in the order they came, and the row of each: 20 bytes and 8 bytes of hash table an id, where a map of
 * strings takes ten times as much. Ids are compared word by word: a call that compares bytes costs more than all the rest.
 */
export class IdTable {
  #words = new Int32Array(FIRST_ROOM * WORDS);
  /** The same memory. */
  #bytes = Buffer.from(this.#words.buffer);
  #size = 0;
  /** Open addressing: the row that has the place, at most every other place taken. */
  #slots = new Int32Array(2 * FIRST_ROOM).fill(FREE);
  /** The id that is being looked for. */
  readonly #sought = new Int32Array(WORDS);
  readonly #soughtBytes = Buffer.from(this.#sought.buffer);

  get size(): number {
    return this.#size;
  }

  /** Of a row that is there. */
  idAt(row: number): CommitId {
    return asCommitId(idFromBytes(this.#bytes, row * ID_BYTES));
  }

  rowOf(id: CommitId): number | undefined {
    this.#soughtBytes.write(id, 'hex');
    return this.#rowOfSought();
  }

  /** Of the id whose bytes begin at `at`. */
  rowOfBytes(bytes: Buffer, at: number): number | undefined {
    copyId({ bytes, at }, { bytes: this.#soughtBytes, at: 0 });
    return this.#rowOfSought();
  }

  /** The row of an id that is not there yet. */
  add(id: CommitId): number {
    this.#soughtBytes.write(id, 'hex');
    return this.addBytes(this.#soughtBytes, 0);
  }

  /** The same for the id whose bytes begin at `at`. */
  addBytes(bytes: Buffer, at: number): number {
    const row = this.#makeRoom(1);
    copyId({ bytes, at }, { bytes: this.#bytes, at: row * ID_BYTES });
    this.#enter(row);
    return row;
  }

  /** Adds ids as bytes, none of which is there yet. Returns the row of the first. */
  addAll(bytes: Buffer): number {
    const row = this.#makeRoom(bytes.byteLength / ID_BYTES);
    this.#bytes.set(bytes, row * ID_BYTES);
    this.#enter(row);
    return row;
  }

  /** A copy of the ids of the rows from `start` up to `end`. */
  bytes(start: number, end: number): Buffer {
    return Buffer.from(this.#bytes.subarray(start * ID_BYTES, end * ID_BYTES));
  }

  /** Negative when the id of the one row stands before that of the other. */
  compare(row: number, other: number): number {
    const from = other * ID_BYTES;
    const to = row * ID_BYTES;
    return this.#bytes.compare(this.#bytes, from, from + ID_BYTES, to, to + ID_BYTES);
  }

  #rowOfSought(): number | undefined {
    const mask = this.#slots.length - 1;
    let slot = hashAt(this.#sought, 0) & mask;
    for (let row = this.#slots[slot] ?? FREE; row !== FREE; row = this.#slots[slot] ?? FREE) {
      if (this.#isSought(row)) return row;
      slot = (slot + 1) & mask;
    }
    return undefined;
  }

  #isSought(row: number): boolean {
    const at = row * WORDS;
    for (let word = 0; word < WORDS; word += 1) if (this.#words[at + word] !== this.#sought[word]) return false;
    return true;
  }

  /** Gives slots to the rows from `first` on: no two ids are the same, so that none has to be looked at. */
  #enter(first: number): void {
    const mask = this.#slots.length - 1;
    for (let row = first; row < this.#size; row += 1) {
      let slot = hashAt(this.#words, row * WORDS) & mask;
      while (this.#slots[slot] !== FREE) slot = (slot + 1) & mask;
      this.#slots[slot] = row;
    }
  }

  /** Makes so many more rows, to be filled and entered. Returns the first of them. */
  #makeRoom(rows: number): number {
    const first = this.#size;
    if (2 * (first + rows) > this.#slots.length) this.#grow(first + rows);
    this.#size += rows;
    return first;
  }

  /** Enters the rows that there are. */
  #grow(needed: number): void {
    let room = this.#slots.length;
    while (room < 2 * needed) room *= 2;
    const larger = new Int32Array((room / 2) * WORDS);
    larger.set(this.#words);
    this.#words = larger;
    this.#bytes = Buffer.from(larger.buffer);
    this.#slots = new Int32Array(room).fill(FREE);
    this.#enter(0);
  }
}

/** Ids are hashes already; mixed once more, so that ids of tests, which count up, spread as well. */
function hashAt(words: Int32Array, at: number): number {
  const mixed =
    Math.imul(words[at] ?? 0, 0x85ebca6b) ^
    Math.imul(words[at + 1] ?? 0, 0x9e3779b1) ^
    Math.imul(words[at + 4] ?? 0, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}
