/**
 * When a silent link is probed and when it is given up, without any clock: time comes in with each input.
 *
 * Anything heard is a sign of life. A tick that comes late means that this process itself was held up (asleep, or busy):
 * what the peer sent meanwhile has not been looked at yet, so the link is not judged at such a tick.
 */
import { HEARTBEAT_MS } from '../../limits.ts';
import type { Milliseconds } from '../../ports.ts';

export interface Heartbeat {
  readonly heardAt: Milliseconds;
  readonly tickDue: Milliseconds;
  readonly probe: { readonly nonce: number; readonly sentAt: Milliseconds } | undefined;
  /** Counts the probes; a pong for an older one is no measurement. */
  readonly nonce: number;
  readonly roundTripMs: Milliseconds | undefined;
}

export type HeartbeatInput =
  | { readonly kind: 'heard'; readonly now: Milliseconds }
  | { readonly kind: 'pong'; readonly nonce: number; readonly now: Milliseconds }
  | { readonly kind: 'tick'; readonly now: Milliseconds };

export type HeartbeatVerdict =
  | { readonly kind: 'wait' }
  | { readonly kind: 'probe'; readonly nonce: number }
  | { readonly kind: 'cut' };

export interface HeartbeatStep {
  readonly state: Heartbeat;
  readonly verdict: HeartbeatVerdict;
}

/** How often `tick` is wanted. */
export const TICK_MS = HEARTBEAT_MS / 4;

export function startHeartbeat(now: Milliseconds): Heartbeat {
  return { heardAt: now, tickDue: now + TICK_MS, probe: undefined, nonce: 0, roundTripMs: undefined };
}

/** What is heard within so short a time of something else, while nobody waits for a sign of life, tells nothing. */
const MOMENT_MS = TICK_MS / 10;

/** Whether it makes a difference that something is heard now. Bytes of files come many times in a millisecond. */
export function isNews({ heardAt, probe }: Heartbeat, now: Milliseconds): boolean {
  // Clocks are set back, too.
  return probe !== undefined || Math.abs(now - heardAt) >= MOMENT_MS;
}

export function step(state: Heartbeat, input: HeartbeatInput): HeartbeatStep {
  switch (input.kind) {
    case 'heard':
      return wait({ ...state, heardAt: input.now });
    case 'pong':
      return wait(onPong(state, input.nonce, input.now));
    case 'tick':
      return onTick({ ...state, tickDue: input.now + TICK_MS }, input.now, input.now - state.tickDue > TICK_MS);
  }
}

function onPong(state: Heartbeat, nonce: number, now: Milliseconds): Heartbeat {
  if (state.probe?.nonce !== nonce) return state;
  return { ...state, probe: undefined, roundTripMs: Math.max(0, now - state.probe.sentAt) };
}

function onTick(state: Heartbeat, now: Milliseconds, isLate: boolean): HeartbeatStep {
  if (isLate) return wait({ ...state, heardAt: now, probe: undefined });
  const { probe } = state;
  const heardSinceProbe = probe !== undefined && state.heardAt > probe.sentAt;
  if (probe !== undefined && !heardSinceProbe)
    return now - probe.sentAt >= HEARTBEAT_MS ? { state, verdict: { kind: 'cut' } } : wait(state);
  if (now - state.heardAt < HEARTBEAT_MS) return wait(state);
  const nonce = state.nonce + 1;
  return { state: { ...state, nonce, probe: { nonce, sentAt: now } }, verdict: { kind: 'probe', nonce } };
}

function wait(state: Heartbeat): HeartbeatStep {
  return { state, verdict: { kind: 'wait' } };
}
