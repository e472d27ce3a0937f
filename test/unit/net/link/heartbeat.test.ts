import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HEARTBEAT_MS, ROUND_TRIP_MS } from '../../../../src/limits.ts';
import {
  type Heartbeat,
  type HeartbeatVerdict,
  isNews,
  startHeartbeat,
  step,
  TICK_MS,
} from '../../../../src/net/link/heartbeat.ts';

/** Ticks until something else than waiting comes out. */
function tickUntil(from: Heartbeat): { state: Heartbeat; verdict: HeartbeatVerdict; now: number } {
  for (let state = from; ; ) {
    const now = state.tickDue;
    const next = step(state, { kind: 'tick', now });
    if (next.verdict.kind !== 'wait') return { ...next, now };
    state = next.state;
  }
}

/** A link that has just come up, whose first probe was answered after 12 ms. */
function measured(): Heartbeat {
  const { state, now } = tickUntil(startHeartbeat(0));
  const at = { now: now + 12 };
  return step(step(state, { kind: 'heard', ...at }).state, { kind: 'pong', nonce: 1, ...at }).state;
}

/** Ticks on while something is heard before each tick. */
function busyUntilProbed(from: Heartbeat): { state: Heartbeat; now: number } {
  for (let state = from; ; ) {
    const now = state.tickDue;
    const next = step(step(state, { kind: 'heard', now: now - 1 }).state, { kind: 'tick', now });
    if (next.verdict.kind === 'cut') throw new Error('cut');
    if (next.verdict.kind === 'probe') return { state: next.state, now };
    state = next.state;
  }
}

describe('the heartbeat', () => {
  it('measures the round trip first', () => {
    expect(step(startHeartbeat(0), { kind: 'tick', now: 0 }).verdict).toEqual({ kind: 'probe', nonce: 1 });
    expect(measured().roundTripMs).toBe(12);
  });

  it('probes a link that has been silent for a while, and cuts it when nothing comes back in the same time', () => {
    const calm = measured();
    const probed = tickUntil(calm);
    expect(probed.verdict).toEqual({ kind: 'probe', nonce: 2 });
    expect(probed.now - calm.heardAt).toBeGreaterThanOrEqual(HEARTBEAT_MS);
    const cut = tickUntil(probed.state);
    expect(cut.verdict).toEqual({ kind: 'cut' });
    expect(cut.now - probed.now).toBe(HEARTBEAT_MS);
  });

  it('cuts a link that is silent from the first probe on no sooner', () => {
    const probed = tickUntil(startHeartbeat(0));
    expect(tickUntil(probed.state)).toMatchObject({ verdict: { kind: 'cut' }, now: 2 * HEARTBEAT_MS });
  });

  it('measures a busy link from time to time, and not again while the answer is on its way', () => {
    const calm = measured();
    const first = busyUntilProbed(calm);
    expect(first.now - TICK_MS).toBeGreaterThanOrEqual(ROUND_TRIP_MS);
    expect(first.state.roundTripMs).toBe(12);
    const late = step(first.state, { kind: 'heard', now: first.now + ROUND_TRIP_MS }).state;
    expect(step(late, { kind: 'tick', now: late.tickDue }).verdict).toEqual({ kind: 'wait' });
    const answered = step(late, { kind: 'pong', nonce: 2, now: first.now + 7000 }).state;
    expect(answered.roundTripMs).toBe(7000);
    expect(busyUntilProbed(answered).state.nonce).toBe(3);
  });

  it('takes anything heard for a sign of life', () => {
    const probed = tickUntil(measured());
    const heard = step(probed.state, { kind: 'heard', now: probed.now + 100 });
    expect(tickUntil(heard.state)).toMatchObject({ verdict: { kind: 'probe', nonce: 3 } });
  });

  it('need not be told of everything that is heard, but of the first sign of life that it waits for', () => {
    const calm = startHeartbeat(1000);
    const probed = tickUntil(calm);
    const heardSoon = [1000, 1001, 999, 1000 + TICK_MS, 1000 - TICK_MS].map((now) => isNews(calm, now));
    expect(heardSoon).toEqual([false, false, false, true, true]);
    expect(isNews(probed.state, probed.state.heardAt)).toBe(true);
  });

  it('measures the round trip of its own probe, and of no other', () => {
    const probed = tickUntil(startHeartbeat(0));
    const pong = { kind: 'pong', now: probed.now + 12 } as const;
    expect(step(probed.state, { ...pong, nonce: 7 }).state.roundTripMs).toBeUndefined();
    expect(step(probed.state, { ...pong, nonce: 1 }).state.roundTripMs).toBe(12);
  });

  it('does not blame the peer when this process was held up itself', () => {
    const probed = tickUntil(startHeartbeat(0));
    const awake = probed.now + 60_000;
    const late = step(probed.state, { kind: 'tick', now: awake });
    expect(late.verdict).toEqual({ kind: 'wait' });
    const again = tickUntil(late.state);
    expect(again.verdict.kind).toBe('probe');
    expect(tickUntil(again.state)).toMatchObject({ verdict: { kind: 'cut' }, now: awake + 2 * HEARTBEAT_MS });
  });

  it('cuts a link within five seconds of the last that was heard, whenever between two ticks that was', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: TICK_MS }), fc.boolean(), (before, isBusy) => {
        const calm = measured();
        const { state } = isBusy ? busyUntilProbed(calm) : { state: calm };
        const lastHeard = state.tickDue - before;
        const heard = step(state, { kind: 'heard', now: lastHeard }).state;
        // The probe may be on its way already.
        const next = tickUntil(heard);
        const { verdict, now } = next.verdict.kind === 'probe' ? tickUntil(next.state) : next;
        expect(verdict.kind).toBe('cut');
        expect(now - lastHeard).toBeGreaterThanOrEqual(2 * HEARTBEAT_MS);
        expect(now - lastHeard).toBeLessThanOrEqual(5000);
      }),
    );
  });
});
