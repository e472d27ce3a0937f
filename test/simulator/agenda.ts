/** Virtual time, and what is to happen in it. */
import { BinaryHeap } from '../../src/binary-heap.ts';
import type { Clock, Milliseconds } from '../../src/ports.ts';

interface Entry {
  readonly at: Milliseconds;
  /** Of what is due at the same time, what was entered first comes first. */
  readonly turn: number;
  /** Undefined once it is not to happen any more. */
  act: (() => void) | undefined;
}

/**
 * One thing happens at a time, and all that follows from it at once is over before the next one.
 *
 * Invariant: what runs in a simulation waits for this clock, or for nothing but other promises, and gives way to others
 * `TURNS` times at most. So that many turns of the event loop are enough to let it all happen, and the order in which it does
 * is always the same. With fewer, time would go on to the next deadline while a log is being opened.
 */
export interface Agenda {
  readonly clock: Clock;
  /** Enters what is to happen `ms` from now. Returns how to strike it out. */
  after(ms: Milliseconds, act: () => void): () => void;
  /** Lets everything up to that time happen. False when that was more than `steps` things. */
  runUntil(time: Milliseconds, steps: number): Promise<boolean>;
  /** Things that happened so far. */
  steps(): number;
}

export function createAgenda(start: Milliseconds): Agenda {
  const entries = new BinaryHeap<Entry>((a, b) => a.at < b.at || (a.at === b.at && a.turn < b.turn));
  let [now, turn, steps] = [start, 0, 0];

  function after(ms: Milliseconds, act: () => void): () => void {
    const entry: Entry = { at: now + ms, turn: turn++, act };
    entries.push(entry);
    return () => {
      entry.act = undefined;
    };
  }

  async function wait(ms: Milliseconds, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const abort = () => {
        strike();
        reject(signal.reason);
      };
      const strike = after(ms, () => {
        signal.removeEventListener('abort', abort);
        resolve();
      });
      signal.addEventListener('abort', abort, { once: true });
    });
  }

  async function runUntil(time: Milliseconds, most: number): Promise<boolean> {
    await turnsOfTheLoop();
    for (let next = entries.peek(); next && next.at <= time; next = entries.peek()) {
      entries.pop();
      if (!next.act) continue;
      if (steps++ >= most) return false;
      now = next.at;
      next.act();
      await turnsOfTheLoop();
    }
    now = Math.max(now, time);
    return true;
  }

  return { clock: { now: () => now, wait }, after, runUntil, steps: () => steps };
}

/** Who opens a log gives way after the first fold of it. */
const TURNS = 3;

async function turnsOfTheLoop(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
