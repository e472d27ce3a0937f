import { describe, expect, it } from 'vitest';
import { HEARTBEAT_MS } from '../../../../src/limits.ts';
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

describe('the heartbeat', () => {
  it('probes a link that has been silent for a while, and cuts it when nothing comes back in the same time', () => {
    const probed = tickUntil(startHeartbeat(0));
    expect(probed).toMatchObject({ verdict: { kind: 'probe', nonce: 1 }, now: HEARTBEAT_MS });
    expect(tickUntil(probed.state)).toMatchObject({ verdict: { kind: 'cut' }, now: 2 * HEARTBEAT_MS });
  });

  it('takes anything heard for a sign of life', () => {
    const probed = tickUntil(startHeartbeat(0));
    const heard = step(probed.state, { kind: 'heard', now: probed.now + 100 });
    expect(tickUntil(heard.state)).toMatchObject({ verdict: { kind: 'probe', nonce: 2 } });
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
    expect(tickUntil(late.state)).toMatchObject({ verdict: { kind: 'probe' }, now: awake + HEARTBEAT_MS });
  });

  it('ticks often enough to notice in time', () => {
    expect(TICK_MS).toBeLessThanOrEqual(HEARTBEAT_MS / 2);
  });
});
