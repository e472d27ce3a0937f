import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  RECORD_SESSION_MS,
  RECORD_SESSIONS,
  RING_LOOK_FIRST_MS,
  RING_LOOK_MAX_MS,
  RING_SKEW_MS,
  RINGS_KEPT,
  RINGS_PER_LOOK,
} from '../../../../src/limits.ts';
import { publicKeyOf } from '../../../../src/net/records/agree-on-secret.ts';
import type { AnsweredRing, RingStore } from '../../../../src/net/records/answered-rings.ts';
import { makeRing, ringTopic } from '../../../../src/net/records/ring.ts';
import { ringUp } from '../../../../src/net/records/ring-up.ts';
import { type RingWatch, watchRings } from '../../../../src/net/records/ring-watch.ts';
import type { SignalStream } from '../../../../src/net/signalling/signal-stream.ts';
import { settled } from '../../../support/engine/live-conversations.ts';
import { type KeptRecords, keepRecords } from '../../../support/net/memory-records.ts';
import { quietLog } from '../../../support/quiet-log.ts';
import { realRandom } from '../../../support/time/real-clock.ts';
import { createVirtualClock, type VirtualClock } from '../../../support/time/virtual-clock.ts';

const [ALICE, BOB] = [randomBytes(32), randomBytes(32)];
const bob = publicKeyOf(BOB);

describe('looking for rings', () => {
  let clock: VirtualClock;
  let records: KeptRecords;
  let streams: SignalStream[];
  let watch: RingWatch;
  let ended: AbortController;
  /** What stays when a device is restarted. */
  let rings: RingStore;
  let keep: RingStore['keep'];

  const options = (seed: Uint8Array) => ({
    ...{ store: records.store, seed, clock, random: realRandom, log: quietLog, signal: ended.signal },
  });
  const watchAsBob = () => watchRings({ ...options(BOB), rings, onStream: (stream) => void streams.push(stream) });

  beforeEach(() => {
    ended = new AbortController();
    [clock, records, streams] = [createVirtualClock(), keepRecords(), []];
    let answered: readonly AnsweredRing[] = [];
    keep = async (newer) => {
      answered = newer;
    };
    rings = { load: async () => answered, keep: (newer) => keep(newer) };
    watch = watchAsBob();
    return () => ended.abort();
  });

  /** A ring of that time, as Alice made it then. */
  async function ringOf(at: number): Promise<void> {
    const ringSeed = randomBytes(32);
    const { record } = makeRing({ ringSeed, random: realRandom, ownSeed: ALICE, peer: bob, at });
    await records.store.put(ringSeed, { value: record, revision: 1 });
    await records.store.announce(ringTopic(bob), ringSeed);
  }

  it('answers who rings, and they hear each other', async () => {
    const alice = ringUp(bob, options(ALICE));
    alice.send({ kind: 'hello' });
    await clock.advance(RING_LOOK_FIRST_MS);
    const [answering] = streams;
    expect(answering?.remotePublicKey).toEqual(publicKeyOf(ALICE));
    await settled();
    expect(await answering?.receive(ended)).toEqual({ message: { kind: 'hello' } });
    answering?.send({ kind: 'hello yourself' });
    const heard = alice.receive(ended);
    await clock.advance(RECORD_SESSION_MS / 2);
    expect(await heard).toEqual({ message: { kind: 'hello yourself' } });
  });

  it('takes a ring back when it is over', async () => {
    const alice = ringUp(bob, options(ALICE));
    await settled();
    expect([...records.announced.values()].flat()).toHaveLength(1);
    alice.close();
    await settled();
    expect([...records.announced.values()].flat()).toHaveLength(0);
  });

  it('answers a ring once, however often it is found', async () => {
    await ringOf(clock.now());
    await clock.advance(5 * RING_LOOK_MAX_MS);
    expect(streams).toHaveLength(1);
  });

  it('does not answer a ring again after a restart, and answers who rang meanwhile', async () => {
    await ringOf(clock.now());
    await clock.advance(RING_LOOK_FIRST_MS);
    expect(streams).toHaveLength(1);
    ended.abort();
    ended = new AbortController();
    await ringOf(clock.now());
    watch = watchAsBob();
    await settled();
    await clock.advance(RING_LOOK_MAX_MS);
    expect(streams).toHaveLength(2);
  });

  it('has remembered a ring before it answers it', async () => {
    let remember = () => {};
    keep = () =>
      new Promise((resolve) => {
        remember = resolve;
      });
    await ringOf(clock.now());
    await clock.advance(RING_LOOK_MAX_MS);
    expect(streams).toHaveLength(0);
    remember();
    await settled();
    expect(streams).toHaveLength(1);
  });

  it('remembers a ring for as long as its time would do', () => {
    const looks = Math.ceil((2 * RING_SKEW_MS) / RING_LOOK_FIRST_MS);
    expect(RINGS_KEPT).toBeGreaterThan(looks * RINGS_PER_LOOK);
  });

  it.each([-RING_SKEW_MS, RING_SKEW_MS])('answers though the clocks differ by %d ms', async (skew) => {
    await ringOf(clock.now() + RING_LOOK_FIRST_MS + skew);
    await clock.advance(RING_LOOK_FIRST_MS);
    expect(streams).toHaveLength(1);
  });

  it.each([-RING_SKEW_MS - 1, RING_SKEW_MS + 1])('does not answer what is off by %d ms', async (skew) => {
    await ringOf(clock.now() + RING_LOOK_FIRST_MS + skew);
    await clock.advance(5 * RING_LOOK_MAX_MS);
    expect(streams).toHaveLength(0);
  });

  it('does not answer rings that are none', async () => {
    const ringSeed = randomBytes(32);
    await records.store.put(ringSeed, { value: randomBytes(57), revision: 1 });
    await records.store.announce(ringTopic(bob), ringSeed);
    await clock.advance(RING_LOOK_MAX_MS);
    expect(streams).toHaveLength(0);
  });

  it('reads so many rings at a look, and answers so many at once', async () => {
    for (let count = 0; count < 2 * RECORD_SESSIONS; count += 1) await ringOf(clock.now());
    await clock.advance(RING_LOOK_FIRST_MS);
    expect(streams).toHaveLength(RINGS_PER_LOOK);
    await clock.advance(RING_LOOK_MAX_MS);
    expect(streams).toHaveLength(RECORD_SESSIONS);
    for (const stream of streams) stream.close();
    await clock.advance(2 * RING_LOOK_MAX_MS);
    expect(streams).toHaveLength(2 * RECORD_SESSIONS);
  });

  it('looks the more seldom the longer nobody rings', async () => {
    await clock.advance(20 * RING_LOOK_MAX_MS);
    // 2, 4, 8, 16 and 32 s fit the first minute or so.
    expect(records.looks.count).toBeLessThanOrEqual(20 + 6);
    expect(records.looks.count).toBeGreaterThanOrEqual(20);
  });

  it('looks soon when there is reason to, and never without a pause', async () => {
    await clock.advance(20 * RING_LOOK_MAX_MS);
    const before = records.looks.count;
    for (let count = 0; count < 100; count += 1) watch.hurry();
    await clock.advance(RING_LOOK_FIRST_MS);
    expect(records.looks.count).toBe(before + 1);
    for (let second = 0; second < 60; second += 1) {
      watch.hurry();
      await clock.advance(1000);
    }
    expect(records.looks.count - before).toBeLessThanOrEqual(1 + 60_000 / RING_LOOK_FIRST_MS);
  });
});
