import fc from 'fast-check';
import { expect, it } from 'vitest';
import { backOff, drawnWait, jittered } from '../../src/back-off.ts';

const WAITS = { first: 500, longest: 30_000 };

it('doubles the wait from failure to failure, and never goes beyond the longest', () => {
  expect([1, 2, 3, 6, 7, 8, 5000].map((failures) => backOff(failures, WAITS))).toEqual([
    500, 1000, 2000, 16_000, 30_000, 30_000, 30_000,
  ]);
});

it('draws a wait between its half and the whole', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.double({ noNaN: true, min: 0, max: 1, maxExcluded: true }),
      (failures, draw) => {
        const wait = backOff(failures, WAITS);
        const drawn = [jittered(wait, draw), drawnWait(wait, { below: (limit) => Math.floor(draw * limit) })];
        for (const some of drawn) {
          expect(some).toBeGreaterThanOrEqual(wait / 2);
          expect(some).toBeLessThanOrEqual(wait);
        }
      },
    ),
  );
});
