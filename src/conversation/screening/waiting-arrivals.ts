import { createBell } from '../../bell.ts';
import { SCREENING_AHEAD_BYTES } from '../../limits.ts';
import type { Arrival } from '../repository/receive/arrival.ts';

/**
 * Commits that came and wait for a thread. What comes beyond `SCREENING_AHEAD_BYTES` is passed over: it can be read
 * from the pack later.
 */
export class WaitingArrivals {
  readonly #waiting: Arrival[] = [];
  readonly #bell = createBell();
  #bytes = 0;
  #isOver = false;

  push(arrival: Arrival): void {
    const bytes = arrival.bytes.byteLength;
    if (this.#bytes + bytes > SCREENING_AHEAD_BYTES || arrival.ends.length === 0) return;
    this.#waiting.push(arrival);
    this.#bytes += bytes;
    this.#bell.ring();
  }

  end(): void {
    this.#isOver = true;
    this.#bell.ring();
  }

  /** The first one, when it is there; undefined at the end. */
  async next(): Promise<Arrival | undefined> {
    let first: Arrival | undefined;
    // Taken while looking: several wait, and each arrival is for one of them.
    await this.#bell.until(() => {
      first = this.#waiting.shift();
      return first !== undefined || this.#isOver;
    });
    this.#bytes -= first?.bytes.byteLength ?? 0;
    return first;
  }
}
