import type { DeviceId } from '../../ids.ts';
import { REQUESTING_DEVICES, REQUESTS_PER_MINUTE } from '../../limits.ts';
import type { Clock, Milliseconds } from '../../ports.ts';

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
export function takeToken(
  bucket: Bucket | undefined,
  now: Milliseconds,
  perMinute = REQUESTS_PER_MINUTE,
): { bucket: Bucket; isAllowed: boolean } {
  const tokens = tokensAt(bucket, now, perMinute);
  return tokens < 1
    ? { bucket: { tokens, at: now }, isAllowed: false }
    : { bucket: { tokens: tokens - 1, at: now }, isAllowed: true };
}

/** Whether forgetting the bucket makes no difference. */
export function isFull(bucket: Bucket, now: Milliseconds, perMinute = REQUESTS_PER_MINUTE): boolean {
  return tokensAt(bucket, now, perMinute) >= perMinute;
}

function tokensAt(bucket: Bucket | undefined, now: Milliseconds, perMinute: number): number {
  if (!bucket) return perMinute;
  const earned = (Math.max(0, now - bucket.at) / MINUTE) * perMinute;
  return Math.min(perMinute, bucket.tokens + earned);
}

/** A bucket for each device; `REQUESTING_DEVICES` of them are remembered, those that asked lately first. */
export function createRateLimit(
  clock: Pick<Clock, 'now'>,
  perMinute = REQUESTS_PER_MINUTE,
): { allows(device: DeviceId): boolean } {
  const buckets = new Map<DeviceId, Bucket>();
  return {
    allows(device) {
      const now = clock.now();
      const { bucket, isAllowed } = takeToken(buckets.get(device), now, perMinute);
      buckets.set(device, bucket);
      if (buckets.size > REQUESTING_DEVICES)
        for (const [id, old] of buckets) if (isFull(old, now, perMinute)) buckets.delete(id);
      return isAllowed;
    },
  };
}
