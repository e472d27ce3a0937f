import { expect, it } from 'vitest';
import type { Arrival } from '../../../../src/conversation/repository/receive/arrival.ts';
import { WaitingArrivals } from '../../../../src/conversation/screening/waiting-arrivals.ts';
import { SCREENING_AHEAD_BYTES } from '../../../../src/limits.ts';

function arrivalOf(bytes: number): Arrival {
  return { ids: new Uint8Array(20), bytes: new Uint8Array(bytes), ends: Uint32Array.of(bytes), certificates: [] };
}

it('come to one of those who wait, in the order they came in', async () => {
  const arrivals = new WaitingArrivals();
  const waiting = [arrivals.next(), arrivals.next(), arrivals.next()];
  const [one, other, last] = [arrivalOf(1), arrivalOf(2), arrivalOf(3)];
  arrivals.push(one);
  arrivals.push(other);
  arrivals.push(last);
  expect(await Promise.all(waiting)).toEqual([one, other, last]);
});

it('are given out after the end, and then nothing', async () => {
  const arrivals = new WaitingArrivals();
  const one = arrivalOf(1);
  arrivals.push(one);
  arrivals.end();
  expect([await arrivals.next(), await arrivals.next()]).toEqual([one, undefined]);
});

it('are passed over while too much waits', async () => {
  const arrivals = new WaitingArrivals();
  const half = arrivalOf(SCREENING_AHEAD_BYTES / 2 + 1);
  arrivals.push(half);
  arrivals.push(half);
  expect(await arrivals.next()).toBe(half);
  arrivals.push(half);
  arrivals.end();
  expect([await arrivals.next(), await arrivals.next()]).toEqual([half, undefined]);
});
