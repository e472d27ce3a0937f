/** A clock that stands still until it is told to go on. */
import type { Clock, Milliseconds } from '../../../src/ports.ts';

export interface VirtualClock extends Clock {
  /** Goes on by `ms`, waking each sleeper in the order of their times, with a turn of the event loop after each. */
  advance(ms: Milliseconds): Promise<void>;
}

interface Sleeper {
  readonly at: Milliseconds;
  wake(): void;
}

export function createVirtualClock(start: Milliseconds = 1_700_000_000_000): VirtualClock {
  const sleepers = new Set<Sleeper>();
  let now = start;

  async function advance(ms: Milliseconds): Promise<void> {
    const end = now + ms;
    for (;;) {
      const next = [...sleepers].sort((a, b) => a.at - b.at)[0];
      if (!next || next.at > end) break;
      now = Math.max(now, next.at);
      sleepers.delete(next);
      next.wake();
      await new Promise((resolve) => setImmediate(resolve));
    }
    now = end;
  }

  return {
    now: () => now,
    wait(ms, signal) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const abort = () => {
          sleepers.delete(sleeper);
          reject(signal.reason);
        };
        const sleeper: Sleeper = {
          at: now + ms,
          wake: () => {
            signal.removeEventListener('abort', abort);
            resolve();
          },
        };
        signal.addEventListener('abort', abort, { once: true });
        sleepers.add(sleeper);
      });
    },
    advance,
  };
}
