/**
 * When a link is probed and when a silent one is given up, without any clock: time comes in with each input.
 *
 * Anything heard is a sign of life, but for a probe of the peer's, which may come because it hears nothing of us: so a
 * link of which one direction died is given up at both ends. Only a silent link needs a probe. A busy one is probed now
 * and then all the same, since the answer measures the round trip, with all that waits in front of it. A tick that
 * comes late means that this process itself was held up (asleep, or busy): what the peer sent meanwhile has not been
 * looked at yet, so the link is not judged at such a tick.
 */
import { HEARTBEAT_MS, ROUND_TRIP_MS } from '../../limits.ts';
import type { Milliseconds } from '../../ports.ts';

export interface Heartbeat {
  readonly heardAt: Milliseconds;
  readonly tickDue: Milliseconds;
  readonly probe: { readonly nonce: number; readonly sentAt: Milliseconds } | undefined;
  /** When the last probe was sent. */
  readonly probedAt: Milliseconds | undefined;
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
  const nothingYet = { probe: undefined, probedAt: undefined, nonce: 0, roundTripMs: undefined };
  return { heardAt: now, tickDue: now + TICK_MS, ...nothingYet };
}

/** What is heard within so short a time of something else, while nobody waits for a sign of life, tells nothing. */
const MOMENT_MS = TICK_MS / 10;

/** Whether it makes a difference that something is heard now. Bytes of files come many times in a millisecond. */
export function isNews(state: Heartbeat, now: Milliseconds): boolean {
  return isUnheard(state) || isApart(now, state.heardAt, MOMENT_MS);
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
  if (isUnheard(state)) return isGone(state, now) ? { state, verdict: { kind: 'cut' } } : wait(state);
  if (!isSilent(state, now) && !isToBeMeasured(state, now)) return wait(state);
  const nonce = state.nonce + 1;
  const probed = { ...state, nonce, probedAt: now, probe: { nonce, sentAt: now } };
  return { state: probed, verdict: { kind: 'probe', nonce } };
}

/** Nothing came since the probe was sent. */
function isUnheard({ heardAt, probe }: Heartbeat): boolean {
  return probe !== undefined && heardAt <= probe.sentAt;
}

/** However early a silence was probed, it lasts as long before it counts. */
function isGone({ heardAt, probe }: Heartbeat, now: Milliseconds): boolean {
  return probe !== undefined && now - probe.sentAt >= HEARTBEAT_MS && now - heardAt >= 2 * HEARTBEAT_MS;
}

function isSilent({ heardAt }: Heartbeat, now: Milliseconds): boolean {
  return now - heardAt >= HEARTBEAT_MS;
}

/** At once, and then from time to time, but not while an answer is still on its way through what is before it. */
function isToBeMeasured({ probe, probedAt }: Heartbeat, now: Milliseconds): boolean {
  return probe === undefined && (probedAt === undefined || isApart(now, probedAt, ROUND_TRIP_MS));
}

/** Clocks are set back, too. */
function isApart(one: Milliseconds, other: Milliseconds, by: Milliseconds): boolean {
  return Math.abs(one - other) >= by;
}

function wait(state: Heartbeat): HeartbeatStep {
  return { state, verdict: { kind: 'wait' } };
}
