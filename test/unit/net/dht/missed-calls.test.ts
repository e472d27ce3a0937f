import { beforeEach, describe, expect, it } from 'vitest';
import { CALL_MISSED_MS, CALLS_AWAITED } from '../../../../src/limits.ts';
import { createMissedCalls, type MissedCalls } from '../../../../src/net/dht/missed-calls.ts';
import { createVirtualClock, type VirtualClock } from '../../../support/time/virtual-clock.ts';

const keyOf = (n: number) => new Uint8Array(32).fill(n);

describe('a try to reach this device by a stream', () => {
  let clock: VirtualClock;
  let missed: number;
  let calls: MissedCalls;
  let ended: AbortController;

  beforeEach(() => {
    [clock, missed, ended] = [createVirtualClock(), 0, new AbortController()];
    const onMissed = () => {
      missed += 1;
    };
    calls = createMissedCalls({ clock, signal: ended.signal, onMissed });
  });

  it('is missed once when no stream comes up, however often it is tried meanwhile', async () => {
    for (let tries = 0; tries < 3; tries += 1) calls.begin(keyOf(1));
    await clock.advance(CALL_MISSED_MS - 1);
    expect(missed).toBe(0);
    await clock.advance(1);
    expect(missed).toBe(1);
  });

  it('is not missed when one comes up, from whoever it was and nobody else', async () => {
    for (const n of [1, 2]) calls.begin(keyOf(n));
    for (const n of [1, 3]) calls.answer(keyOf(n));
    await clock.advance(CALL_MISSED_MS);
    expect(missed).toBe(1);
  });

  it('is looked after anew the next time', async () => {
    for (let tries = 1; tries <= 2; tries += 1) {
      calls.begin(keyOf(1));
      await clock.advance(CALL_MISSED_MS);
      expect(missed).toBe(tries);
    }
  });

  it('is not looked after when too many are', async () => {
    for (let n = 0; n < CALLS_AWAITED + 9; n += 1) calls.begin(keyOf(n));
    await clock.advance(CALL_MISSED_MS);
    expect(missed).toBe(CALLS_AWAITED);
  });

  it('is forgotten when it is over', async () => {
    calls.begin(keyOf(1));
    ended.abort();
    await clock.advance(CALL_MISSED_MS);
    expect(missed).toBe(0);
  });
});
