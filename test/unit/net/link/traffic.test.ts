import { describe, expect, it } from 'vitest';
import { createTrafficMeter } from '../../../../src/net/link/traffic.ts';
import { realClock } from '../../../support/time/real-clock.ts';

describe('the traffic of a link', () => {
  it('has sums that are right, and rates that come to what goes on and forget it when it ends', () => {
    let now = 0;
    let sent = 0;
    const meter = createTrafficMeter({ clock: { ...realClock, now: () => now }, sent: () => sent });
    let busy = meter.measure();
    for (now = 500; now <= 20_000; now += 500) {
      meter.heard(1000);
      sent += 500;
      busy = meter.measure();
    }
    expect(busy).toMatchObject({ received: 40_000, sent: 20_000 });
    expect(busy.receivedPerSecond).toBeCloseTo(2000, -1);
    expect(busy.sentPerSecond).toBeCloseTo(1000, -1);
    for (; now <= 60_000; now += 500) meter.measure();
    expect(meter.measure()).toMatchObject({ received: 40_000, sent: 20_000 });
    expect(meter.measure().receivedPerSecond).toBeLessThan(1);
  });

  it('stays sane when the clock is set back', () => {
    let now = 10_000;
    const meter = createTrafficMeter({ clock: { ...realClock, now: () => now }, sent: () => 0 });
    meter.heard(1000);
    now = 0;
    expect(meter.measure().receivedPerSecond).toBe(0);
    now = 1000;
    expect(meter.measure().receivedPerSecond).toBeGreaterThan(0);
  });
});
