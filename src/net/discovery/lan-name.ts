/**
 * The names that devices go by on a local network. They are made of a topic and the time, so only who knows the account or
 * the device can make them, and who saw one cannot tell that a later one is the same device's.
 */
import { createHash } from 'node:crypto';
import { LAN_NAME_MS } from '../../limits.ts';
import type { Milliseconds } from '../../ports.ts';

/** 32 hex digits: what to ask for now. */
export function lanName(topic: Uint8Array, now: Milliseconds): string {
  return nameIn(topic, lanPeriod(now));
}

/** What to answer to: clocks may differ by as long as a name holds. */
export function lanNamesAround(topic: Uint8Array, now: Milliseconds): readonly string[] {
  const period = lanPeriod(now);
  return [period - 1, period, period + 1].map((near) => nameIn(topic, near));
}

/** Names change with it. */
export function lanPeriod(now: Milliseconds): number {
  return Math.floor(now / LAN_NAME_MS);
}

function nameIn(topic: Uint8Array, period: number): string {
  const text = `swarmlog lan name v1 ${Buffer.from(topic).toString('hex')} ${period}`;
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
