/** Time and randomness of the real world. */
import { randomBytes, randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock, Random } from '../ports.ts';

export const nodeClock: Clock = {
  now: () => Date.now(),
  async wait(ms, signal) {
    signal.throwIfAborted();
    await delay(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
  },
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
