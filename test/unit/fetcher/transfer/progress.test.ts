import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createProgress } from '../../../../src/fetcher/transfer/progress.ts';
import { PROGRESS_EVERY_MS } from '../../../../src/limits.ts';
import { createVirtualClock } from '../../../support/time/virtual-clock.ts';

describe('progress', () => {
  it('is shown at most once in a while, never goes backwards, and ends with the last value', async () => {
    const reports = fc.array(fc.tuple(fc.nat({ max: 60 }), fc.nat({ max: 1000 })), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(reports, async (steps) => {
        const clock = createVirtualClock();
        const shown: { at: number; bytes: number }[] = [];
        const progress = createProgress(clock, { totalSize: 2000 }, (bytes) => shown.push({ at: clock.now(), bytes }));
        for (const [ms, bytes] of steps) {
          await clock.advance(ms);
          progress.report(bytes);
        }
        const running = shown.length;
        progress.finish();
        for (let at = 1; at < shown.length; at += 1) {
          expect(shown[at]?.bytes).toBeGreaterThan(shown[at - 1]?.bytes ?? Number.NaN);
          if (at < running)
            expect((shown[at]?.at ?? 0) - (shown[at - 1]?.at ?? 0)).toBeGreaterThanOrEqual(PROGRESS_EVERY_MS);
        }
        expect(shown.at(-1)?.bytes).toBe(Math.max(...steps.map(([, bytes]) => bytes)));
      }),
    );
  });

  it('shows at once that all is here', () => {
    const shown: number[] = [];
    const progress = createProgress(createVirtualClock(), { totalSize: 3 }, (bytes) => shown.push(bytes));
    for (const bytes of [1, 2, 3, 3]) progress.report(bytes);
    expect(shown).toEqual([1, 3]);
  });
});
