import { expect, it } from 'vitest';
import { ANNOUNCE_AGAIN_MS, ANNOUNCE_MS } from '../../../../src/limits.ts';
import { announce, announceAfter } from '../../../../src/net/discovery/announcer.ts';
import { quietLog } from '../../../support/net/nets.ts';
import { createVirtualClock } from '../../../support/time/virtual-clock.ts';

function setUp() {
  const clock = createVirtualClock();
  const over = new AbortController();
  const seen = { announced: 0, isReached: true, warnings: 0, hurry: new AbortController() };
  const dht = {
    async announce() {
      if (!seen.isReached) throw new Error('Too few nodes responded');
      seen.announced += 1;
      return 3;
    },
    unannounce: async () => {},
  };
  const log = {
    ...quietLog,
    warn() {
      seen.warnings += 1;
    },
  };
  const options = { dht, topics: [new Uint8Array(32)], clock, log, signal: over.signal };
  return { clock, over, seen, options: { ...options, again: () => seen.hurry.signal } };
}

it('announces again before the DHT forgets', async () => {
  const { clock, seen, options } = setUp();
  await announce(options);
  await clock.advance(ANNOUNCE_MS - 1);
  expect(seen.announced).toBe(1);
  await clock.advance(1);
  await expect.poll(() => seen.announced).toBe(2);
});

it('announces again soon where the network has just changed and does not carry yet', async () => {
  const { clock, seen, options } = setUp();
  await announce(options);
  seen.isReached = false;
  seen.hurry.abort();
  seen.hurry = new AbortController();
  await expect.poll(() => seen.warnings).toBe(1);
  seen.isReached = true;
  await clock.advance(ANNOUNCE_AGAIN_MS);
  await expect.poll(() => seen.announced).toBe(2);
});

it('announces nothing when it is over', async () => {
  const { clock, over, seen, options } = setUp();
  await announce(options);
  over.abort();
  await clock.advance(ANNOUNCE_MS);
  expect(seen.announced).toBe(1);
});

it('waits ever longer while it fails, and at most as long as usual', () => {
  expect([1, 2, 3].map(announceAfter)).toEqual([1, 2, 4].map((times) => times * ANNOUNCE_AGAIN_MS));
  expect([0, 50].map(announceAfter)).toEqual([ANNOUNCE_MS, ANNOUNCE_MS]);
});
