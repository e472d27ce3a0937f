import { RATE_SPAN_MS } from '../../limits.ts';
import type { Clock, Milliseconds } from '../../ports.ts';

/** Bytes that crossed a link, with all that frames add, and how fast they did lately. */
export interface Traffic {
  readonly received: number;
  readonly sent: number;
  /** Averages over about `RATE_SPAN_MS`. */
  readonly receivedPerSecond: number;
  readonly sentPerSecond: number;
}

interface Measured extends Traffic {
  readonly at: Milliseconds;
}

export interface TrafficMeter {
  heard(bytes: number): void;
  /** As of now; to be called now and then, lest an average spans more than its time. */
  measure(): Traffic;
}

/** `sent` says what was sent in all. */
export function createTrafficMeter({ clock, sent }: { clock: Clock; sent: () => number }): TrafficMeter {
  let measured: Measured = { at: clock.now(), received: 0, sent: 0, receivedPerSecond: 0, sentPerSecond: 0 };
  let received = 0;
  return {
    heard(bytes) {
      received += bytes;
    },
    measure() {
      measured = measuredAgain(measured, { received, sent: sent(), at: clock.now() });
      const { at: _, ...traffic } = measured;
      return traffic;
    },
  };
}

/** What comes at the same moment counts once the clock has moved on. */
function measuredAgain(last: Measured, now: Pick<Measured, 'received' | 'sent' | 'at'>): Measured {
  const ms = now.at - last.at;
  if (ms <= 0) return { ...last, at: now.at };
  const weight = 1 - Math.exp(-ms / RATE_SPAN_MS);
  const blend = (average: number, bytes: number) => average + ((bytes * 1000) / ms - average) * weight;
  return {
    ...now,
    receivedPerSecond: blend(last.receivedPerSecond, now.received - last.received),
    sentPerSecond: blend(last.sentPerSecond, now.sent - last.sent),
  };
}
