import type { Carrier } from './carrier.ts';

/** What a link travels on: one carrier; while it moves, the next one as well, and old ones until all that was written has left. */
export class Carriers {
  /** What is read from. */
  #current: Carrier;
  /** What is written to already, and read from once the peer has moved as well. */
  #next: Carrier | undefined;
  #peerHasMoved = false;
  /** What was written to them may not have left yet. */
  readonly #left = new Set<Carrier>();

  constructor(first: Carrier) {
    this.#current = first;
  }

  get current(): Carrier {
    return this.#current;
  }

  get isMoving(): boolean {
    return this.#next !== undefined || this.#peerHasMoved || this.#left.size > 0;
  }

  /** The peer writes on the next one already. */
  get peerHasMoved(): boolean {
    return this.#peerHasMoved;
  }

  /** Whether the link travels on it; it does no more on one that was left. */
  has(carrier: Carrier): boolean {
    return carrier === this.#current || carrier === this.#next;
  }

  all(): readonly Carrier[] {
    return [...this.#left, this.#current, ...(this.#next ? [this.#next] : [])];
  }

  /** This side has said its last word on the current one. */
  moveTo(next: Carrier): void {
    this.#next = next;
  }

  /** The peer has said its last word on the current one: nothing is read until this side has moved, too. */
  peerMoved(): void {
    this.#peerHasMoved = true;
    // Its welcome, on the new stream, may still be under way.
    this.#current.hold();
  }

  /** Leaves the current one once both sides have said their last word on it. Returns whether that is so. */
  leave(): boolean {
    const old = this.#current;
    if (this.#next === undefined || !this.#peerHasMoved) return false;
    this.#current = this.#next;
    this.#next = undefined;
    this.#peerHasMoved = false;
    this.#left.add(old);
    void old.leave().then(() => this.#left.delete(old));
    return true;
  }
}
