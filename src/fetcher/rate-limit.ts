import type { DeviceId } from '../ids.ts';
import { REQUESTING_DEVICES, REQUESTS_PER_MINUTE } from '../limits.ts';
import type { Clock, Milliseconds } from '../ports.ts';

/** A token bucket as it stood at a time. No bucket stands for a full one. */
export interface Bucket {
  readonly tokens: number;
  readonly at: Milliseconds;
}

const MINUTE = 60_000;

/**
 * Takes one token for a request at `now`. A device may spend a minute's worth at once; then tokens come back evenly.
 * A clock that was set back gives no tokens, and takes none away.
 */
export function takeToken(bucket: Bucket | undefined, now: Milliseconds): { bucket: Bucket; isAllowed: boolean } {
  const tokens = tokensAt(bucket, now);
  return tokens < 1
    ? { bucket: { tokens, at: now }, isAllowed: false }
    : { bucket: { tokens: tokens - 1, at: now }, isAllowed: true };
}

/** Whether forgetting the bucket makes no difference. */
export function isFull(bucket: Bucket, now: Milliseconds): boolean {
  return tokensAt(bucket, now) >= REQUESTS_PER_MINUTE;
}

function tokensAt(bucket: Bucket | undefined, now: Milliseconds): number {
  if (!bucket) return REQUESTS_PER_MINUTE;
  const earned = (Math.max(0, now - bucket.at) / MINUTE) * REQUESTS_PER_MINUTE;
  return Math.min(REQUESTS_PER_MINUTE, bucket.tokens + earned);
}

/** A bucket for each device; `REQUESTING_DEVICES` of them are remembered, those that asked lately first. */
export function createRateLimit(clock: Pick<Clock, 'now'>): { allows(device: DeviceId): boolean } {
  const buckets = new Map<DeviceId, Bucket>();
  return {
    allows(device) {
      const now = clock.now();
      const { bucket, isAllowed } = takeToken(buckets.get(device), now);
      buckets.set(device, bucket);
      if (buckets.size > REQUESTING_DEVICES) for (const [id, old] of buckets) if (isFull(old, now)) buckets.delete(id);
      return isAllowed;
    },
  };
}
