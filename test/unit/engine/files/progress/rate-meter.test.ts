import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { measure, type RateMeter, speedAt, startMeter } from '../../../../../src/engine/files/progress/rate-meter.ts';
import { PROGRESS_EVERY_MS, RATE_SPAN_MS } from '../../../../../src/limits.ts';

interface Report {
  readonly ms: number;
  readonly bytes: number;
}

function metered(reports: readonly Report[], start = startMeter(0, 0)): RateMeter {
  return reports.reduce((meter, { ms, bytes }) => measure(meter, meter.bytes + bytes, meter.at + ms), start);
}

const ms = fc.integer({ min: 0, max: 1000 });
const bytes = fc.nat({ max: 1e9 });

describe('a rate meter', () => {
  it('knows a steady rate from the first reports on, however they are spaced', () => {
    const rate = fc.integer({ min: 1, max: 1e9 });
    fc.assert(
      fc.property(
        rate,
        fc.array(fc.integer({ min: PROGRESS_EVERY_MS, max: 1000 }), { minLength: 1 }),
        (given, spans) => {
          const meter = metered(spans.map((span) => ({ ms: span, bytes: (given * span) / 1000 })));
          const speed = speedAt(meter, meter.at);
          expect((speed?.bytesPerSecond ?? 0) / given).toBeCloseTo(1, 6);
          expect((speed?.steadyBytesPerSecond ?? 0) / given).toBeCloseTo(1, 6);
        },
      ),
    );
  });

  it('lies between the slowest and the fastest it has seen', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ ms: fc.integer({ min: 1, max: 1000 }), bytes }), { minLength: 1 }),
        (reports) => {
          const meter = metered(reports);
          const speed = speedAt(meter, meter.at);
          if (!speed) return;
          const rates = reports.map((one) => (one.bytes * 1000) / one.ms);
          for (const rate of [speed.bytesPerSecond, speed.steadyBytesPerSecond]) {
            expect(rate).toBeGreaterThanOrEqual(Math.min(...rates) * 0.999);
            expect(rate).toBeLessThanOrEqual(Math.max(...rates) * 1.001);
          }
        },
      ),
    );
  });

  it('follows a change within seconds: the old rate weighs less than a tenth after three spans', () => {
    const slow = Array.from({ length: 100 }, () => ({ ms: 100, bytes: 1000 }));
    const fast = Array.from({ length: (3 * RATE_SPAN_MS) / 100 }, () => ({ ms: 100, bytes: 0 }));
    const meter = metered([...slow, ...fast]);
    expect(speedAt(meter, meter.at)?.bytesPerSecond).toBeLessThan(1000);
    expect(speedAt(meter, meter.at)?.steadyBytesPerSecond).toBeGreaterThan(2000);
  });

  it('falls while nothing is reported, and never below nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ ms, bytes })), fc.nat({ max: 60_000 }), (reports, idle) => {
        const meter = metered(reports);
        const [now, later] = [speedAt(meter, meter.at), speedAt(meter, meter.at + idle)];
        if (!now || !later) return;
        expect(later.bytesPerSecond).toBeLessThanOrEqual(now.bytesPerSecond);
        expect(later.bytesPerSecond).toBeGreaterThanOrEqual(0);
      }),
    );
    const meter = metered([{ ms: 2000, bytes: 1e6 }]);
    expect(speedAt(meter, meter.at + 60_000)?.bytesPerSecond).toBeLessThan(1);
  });

  it('shows the last of several reports at one moment, and counts them all', () => {
    const atOnce = [1000, 2000, 3000].reduce((meter, bytes) => measure(meter, bytes, 1000), startMeter(0, 1000));
    expect(atOnce.bytes).toBe(3000);
    const later = measure(atOnce, 3000, 2000);
    expect(speedAt(later, later.at)?.bytesPerSecond).toBeCloseTo(3000);
  });

  it('knows nothing at first, and begins anew when what it measures goes back, or its clock', () => {
    expect(speedAt(startMeter(0, 0), 50)).toBeUndefined();
    const meter = metered([{ ms: 1000, bytes: 5000 }]);
    expect(measure(meter, 10, 2000)).toEqual(startMeter(10, 2000));
    expect(measure(meter, 9000, 500)).toEqual(startMeter(9000, 500));
  });
});
