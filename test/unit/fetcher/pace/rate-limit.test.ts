import { describe, expect, it } from 'vitest';
import { type Bucket, isFull, takeToken } from '../../../../src/fetcher/pace/rate-limit.ts';
import { REQUESTS_PER_MINUTE } from '../../../../src/limits.ts';

/** How many of `count` requests at one time are looked at, and the bucket after them. */
function spend(bucket: Bucket | undefined, count: number, now: number) {
  let allowed = 0;
  let left = bucket;
  for (let asked = 0; asked < count; asked += 1) {
    const taken = takeToken(left, now);
    left = taken.bucket;
    if (taken.isAllowed) allowed += 1;
  }
  return { allowed, bucket: left };
}

describe('the rate limit of requests', () => {
  it("looks at a minute's worth at once, and at no more", () => {
    expect(spend(undefined, REQUESTS_PER_MINUTE + 50, 0).allowed).toBe(REQUESTS_PER_MINUTE);
  });

  it('gives back what the time that passed is worth', () => {
    const { bucket } = spend(undefined, REQUESTS_PER_MINUTE, 0);
    expect(spend(bucket, REQUESTS_PER_MINUTE, 30_000).allowed).toBe(REQUESTS_PER_MINUTE / 2);
  });

  it("never holds more than a minute's worth", () => {
    const { bucket } = spend(undefined, 1, 0);
    expect(spend(bucket, REQUESTS_PER_MINUTE * 2, 3_600_000).allowed).toBe(REQUESTS_PER_MINUTE);
  });

  it('neither gives nor takes when the clock is set back', () => {
    const { bucket } = spend(undefined, REQUESTS_PER_MINUTE - 1, 1_000_000);
    expect(spend(bucket, 5, 0).allowed).toBe(1);
  });

  it('may forget a bucket once it is full again', () => {
    const { bucket } = takeToken(undefined, 0);
    expect([isFull(bucket, 0), isFull(bucket, 60_000)]).toEqual([false, true]);
  });
});
