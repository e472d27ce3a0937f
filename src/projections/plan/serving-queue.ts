import { BinaryHeap } from '../../binary-heap.ts';
import type { DeviceId } from '../../ids.ts';
import { compareTurns, type Turn } from './serving-order.ts';

/** A file in the queue that is to be looked at. */
export interface Look {
  readonly turn: Turn;
  /** Only these devices can have become a reason to ask since it was last looked at; undefined: anybody. */
  readonly devices: ReadonlySet<DeviceId> | undefined;
}

/** As many new turns as are put in one by one. */
const MANY = 64;

/**
 * The files that wait, in the order they are served, with a memory of which were looked at in vain.
 *
 * Invariant: `next` gives, in order, each file that was not looked at since it came, since it was revisited, or since a
 * device was stirred; no other. What a change costs does not depend on how many files wait.
 */
export class ServingQueue {
  /** The one to serve last first, so that a new announcement comes to the end. Those that went stay until there are many. */
  #turns: Turn[] = [];
  readonly #gone = new WeakSet<Turn>();
  #goneCount = 0;
  /** Looked at before, to be looked at again. */
  readonly #again = new BinaryHeap<Turn>((a, b) => compareTurns(a, b) < 0);
  #added: Turn[] = [];
  /** Places up to here were not looked at yet. */
  #fresh = -1;
  /** Places up to here, and beyond `#fresh`, are to be looked at for the stirred devices. */
  #stirred = -1;
  #devices: ReadonlySet<DeviceId> = new Set();

  /** Each turn once: a file that comes back has a new turn. */
  add(turn: Turn): void {
    this.#added.push(turn);
  }

  /** The file waits no more, or at another place. */
  drop(turn: Turn): void {
    this.#gone.add(turn);
    this.#goneCount += 1;
  }

  /** Something about the file changed: look at it again. */
  revisit(turn: Turn): void {
    this.#again.push(turn);
  }

  /** The device may be asked now, and could not before: look at all files again, for its sake. */
  stir(device: DeviceId): void {
    this.#devices = new Set([...this.#devices, device]);
    this.#stirred = this.#turns.length - 1;
  }

  /** The first to look at; by that it counts as looked at. */
  next(): Look | undefined {
    this.#settle();
    const place = this.#nextPlace();
    const turn = this.#turns[place];
    const revisited = this.#firstAgain();
    if (revisited && (!turn || compareTurns(revisited, turn) < 0)) {
      this.#again.pop();
      return { turn: revisited, devices: undefined };
    }
    if (!turn) return undefined;
    this.#stirred -= 1;
    if (place > this.#fresh) return { turn, devices: this.#devices };
    this.#fresh -= 1;
    return { turn, devices: undefined };
  }

  /** Puts what was added in its place. Many at once are sorted in together; then everything is looked at anew. */
  #settle(): void {
    if (this.#goneCount > Math.max(MANY, this.#turns.length / 2)) this.#sweep();
    const come = this.#added.filter((turn) => !this.#gone.has(turn));
    this.#added = [];
    if (come.length > MANY) {
      this.#sweep();
      this.#turns = [...this.#turns, ...come].sort((a, b) => compareTurns(b, a));
      this.#fresh = this.#turns.length - 1;
      this.#stirred = this.#fresh;
    } else for (const turn of come) this.#insert(turn);
  }

  #insert(turn: Turn): void {
    const place = placeOf(this.#turns, turn);
    this.#turns.splice(place, 0, turn);
    if (place <= this.#stirred + 1) this.#stirred += 1;
    if (place <= this.#fresh + 1) this.#fresh += 1;
    else this.#again.push(turn);
  }

  #sweep(): void {
    const isHere = (turn: Turn) => !this.#gone.has(turn);
    const lastOf = (end: number) => this.#turns.slice(0, end + 1).filter(isHere).length - 1;
    [this.#fresh, this.#stirred] = [lastOf(this.#fresh), lastOf(this.#stirred)];
    this.#turns = this.#turns.filter(isHere);
    this.#goneCount = 0;
  }

  #firstAgain(): Turn | undefined {
    let turn = this.#again.peek();
    for (; turn && this.#gone.has(turn); turn = this.#again.peek()) this.#again.pop();
    return turn;
  }

  /** The place to look at next; -1 when there is none. */
  #nextPlace(): number {
    while (this.#stirred > this.#fresh && this.#isGoneAt(this.#stirred)) this.#stirred -= 1;
    while (this.#fresh >= 0 && this.#isGoneAt(this.#fresh)) this.#fresh -= 1;
    this.#stirred = Math.max(this.#stirred, this.#fresh);
    if (this.#stirred === this.#fresh && this.#devices.size > 0) this.#devices = new Set();
    return this.#stirred;
  }

  #isGoneAt(place: number): boolean {
    const turn = this.#turns[place];
    return turn === undefined || this.#gone.has(turn);
  }
}

/** Where the turn belongs, the one to serve last being first. Binary search. */
function placeOf(turns: readonly Turn[], turn: Turn): number {
  let low = 0;
  let high = turns.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = turns[middle];
    if (other && compareTurns(other, turn) > 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
