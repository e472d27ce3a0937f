import { describe, expect, it } from 'vitest';
import { ANNOUNCE_AGAIN_MS, ANNOUNCE_MS, ANNOUNCED_LOOK_MS, DISCOVERY_MS } from '../../../../src/limits.ts';
import { announce, announceAfter } from '../../../../src/net/discovery/announcer.ts';
import { quietLog } from '../../../support/quiet-log.ts';
import { until } from '../../../support/time/until.ts';
import { createVirtualClock } from '../../../support/time/virtual-clock.ts';

/** Under which only this device is found. */
const OWN = new Uint8Array(32).fill(1);

function setUp() {
  const clock = createVirtualClock();
  const over = new AbortController();
  const seen = {
    ...{ announced: 0, isReached: true, warnings: 0, hurry: new AbortController() },
    ...{ looks: 0, told: 0, answers: 'known' as 'known' | 'forgotten' | 'nothing' },
  };
  const dht = {
    async announce(topic: Uint8Array) {
      if (!seen.isReached) throw new Error('Too few nodes responded');
      if (topic === OWN) seen.announced += 1;
      return 3;
    },
    async isKnownUnder(topic: Uint8Array, { signal }: { signal: AbortSignal }) {
      expect(topic).toBe(OWN);
      seen.looks += 1;
      if (seen.answers === 'nothing')
        return new Promise<boolean>((_, reject) => void signal.addEventListener('abort', reject));
      return seen.answers === 'known';
    },
    tellTheWay() {
      seen.told += 1;
    },
  };
  const log = {
    ...quietLog,
    warn() {
      seen.warnings += 1;
    },
  };
  const options = { dht, topics: [new Uint8Array(32), OWN], clock, log, signal: over.signal };
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

describe('nodes that were started anew', () => {
  it('are looked for, and told of this device and the way to it when they have forgotten it', async () => {
    const { clock, seen, options } = setUp();
    await announce(options);
    await clock.advance(3 * ANNOUNCED_LOOK_MS);
    expect([seen.looks, seen.announced, seen.told]).toEqual([3, 1, 0]);
    seen.answers = 'forgotten';
    await clock.advance(ANNOUNCED_LOOK_MS);
    expect([seen.announced, seen.told]).toEqual([2, 1]);
    seen.answers = 'known';
    await clock.advance(10 * ANNOUNCED_LOOK_MS);
    expect([seen.announced, seen.told]).toEqual([2, 1]);
  });

  it('that know nothing whatever they are told are looked for ever more seldom, and as often as usual once they know', async () => {
    const { clock, seen, options } = setUp();
    seen.answers = 'forgotten';
    await announce(options);
    await clock.advance(7 * ANNOUNCED_LOOK_MS);
    expect(seen.looks).toBe(3);
    await clock.advance(10 * ANNOUNCE_MS);
    expect(seen.looks).toBeLessThan(30);
    seen.answers = 'known';
    await clock.advance(ANNOUNCE_MS);
    const before = seen.looks;
    await clock.advance(4 * ANNOUNCED_LOOK_MS);
    expect(seen.looks - before).toBeGreaterThanOrEqual(3);
  });

  it('that do not answer are told nothing, and keep nobody from announcing at once when the network is another one', async () => {
    const { clock, seen, options } = setUp();
    seen.answers = 'nothing';
    await announce(options);
    await clock.advance(ANNOUNCED_LOOK_MS + DISCOVERY_MS);
    expect([seen.looks, seen.announced]).toEqual([1, 1]);
    await clock.advance(ANNOUNCED_LOOK_MS);
    seen.hurry.abort();
    seen.hurry = new AbortController();
    await until(() => seen.announced === 2);
    expect([seen.looks, seen.told]).toEqual([2, 0]);
  });
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
