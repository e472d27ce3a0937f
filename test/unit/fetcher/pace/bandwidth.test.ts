import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BandwidthChange, changedLimits, createBandwidth } from '../../../../src/fetcher/pace/bandwidth.ts';
import { ConversationId } from '../../../../src/ids.ts';
import { BANDWIDTH_MIN } from '../../../../src/limits.ts';
import { thrownBy } from '../../../support/thrown.ts';
import { createVirtualClock } from '../../../support/time/virtual-clock.ts';

const [first, second] = ['a', 'b'].map((digit) => ConversationId.parse(digit.repeat(40))) as [
  ConversationId,
  ConversationId,
];
const KIB = 1024;
const signal = new AbortController().signal;

describe('the limits of bandwidth', () => {
  it('change what is named, and nothing else', () => {
    const limits = { up: 5000, conversations: { [first]: { down: 3000 } } };
    expect(changedLimits(limits, { down: 4000 })).toEqual({ ...limits, down: 4000 });
    expect(changedLimits(limits, { conversation: first, up: 2000 })).toEqual({
      up: 5000,
      conversations: { [first]: { up: 2000, down: 3000 } },
    });
    expect(changedLimits(limits, { conversation: second, up: 2000 })).toEqual({
      up: 5000,
      conversations: { [first]: { down: 3000 }, [second]: { up: 2000 } },
    });
    expect(changedLimits(limits, { up: null, down: null })).toEqual({ conversations: { [first]: { down: 3000 } } });
    expect(changedLimits(limits, { conversation: first, down: null })).toEqual({ up: 5000 });
  });

  it('are none once each that was set is lifted, in any order', () => {
    const rate = fc.integer({ min: BANDWIDTH_MIN, max: 1e9 });
    const change: fc.Arbitrary<BandwidthChange> = fc.record(
      { conversation: fc.constantFrom(first, second), up: rate, down: rate },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        const lifted = changes.map((one) => ({ ...one, up: null, down: null }));
        expect([...changes, ...lifted].reduce(changedLimits, {})).toEqual({});
      }),
    );
  });

  it('hold for one way and one conversation, beside those for everything', async () => {
    const clock = createVirtualClock();
    const bandwidth = createBandwidth(clock, { up: 64 * KIB, conversations: { [first]: { up: 8 * KIB } } });
    expect(bandwidth.paceOf('serving', first).pieceBytes()).toBe(KIB);
    expect(bandwidth.paceOf('serving', second).pieceBytes()).toBe(8 * KIB);
    expect(bandwidth.paceOf('receiving', first).pieceBytes()).toBe(Number.POSITIVE_INFINITY);
    bandwidth.change({ conversation: first, up: null });
    bandwidth.change({ down: 16 * KIB });
    expect(bandwidth.limits()).toEqual({ up: 64 * KIB, down: 16 * KIB });
    const receiving = bandwidth.paceOf('receiving', first);
    await receiving.take(16 * KIB, { name: 'a', signal });
    let hasPassed = false;
    const waiting = receiving.take(1, { name: 'a', signal }).then(() => {
      hasPassed = true;
    });
    await clock.advance(700);
    expect(hasPassed).toBe(false);
    await clock.advance(400);
    await waiting;
  });

  it.each([0, -1, BANDWIDTH_MIN - 1, Number.NaN])('refuse a rate of %d', async (rate) => {
    const clock = createVirtualClock();
    await thrownBy('USAGE', () => createBandwidth(clock).change({ up: rate }));
    await thrownBy('USAGE', () => createBandwidth(clock, { conversations: { [first]: { down: rate } } }));
  });
});
