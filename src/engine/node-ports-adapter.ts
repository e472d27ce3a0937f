/** Time and randomness of the real world. */
import { randomBytes, randomInt } from 'node:crypto';
import type { Clock, Random } from '../ports.ts';

export const nodeClock: Clock = {
  now: () => Date.now(),
  // Most waits are deadlines that are met. Node's own promise of a timer would make an error, with its stack, of each of them.
  wait: (ms, signal) =>
    new Promise((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer);
        reject(signal.reason);
      };
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', stop);
        resolve();
      }, ms);
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
    }),
};

/** `randomInt` spans 2^48 at most; larger limits are put together from two draws. */
const RANDOM_INT_SPAN = 2 ** 32;

export const nodeRandom: Random = {
  below(limit) {
    if (limit <= RANDOM_INT_SPAN) return randomInt(limit);
    const high = Math.floor(limit / RANDOM_INT_SPAN);
    for (;;) {
      const drawn = randomInt(high + 1) * RANDOM_INT_SPAN + randomInt(RANDOM_INT_SPAN);
      if (drawn < limit) return drawn;
    }
  },
  bytes: (count) => randomBytes(count),
};
