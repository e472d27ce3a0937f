import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accountAt, atNewRate, charge, createPace, type Pace, paceOfAll } from '../../../../src/fetcher/pace/pace.ts';
import { PACE_BURST_MS, TRANSFER_MESSAGE_BYTES } from '../../../../src/limits.ts';
import type { Clock } from '../../../../src/ports.ts';
import { createVirtualClock } from '../../../support/time/virtual-clock.ts';

interface Taken {
  readonly at: number;
  readonly bytes: number;
  readonly name: string;
}

const KIB = 1024;
/** From the lowest limit to one that a disk would not keep up with, evenly over the powers of two. */
const rates = fc.double({ min: 10, max: 27, noNaN: true }).map((power) => Math.round(2 ** power));
const someone = fc.constantFrom('a', 'b', 'c');

/** A transfer that takes what it can until the signal fires, beginning after a while. */
async function transferThrough(
  pace: Pace,
  { clock, taken, signal, after, name }: Seen & { after: number; name: string },
) {
  try {
    await clock.wait(after, signal);
    for (;;) {
      const bytes = Math.min(TRANSFER_MESSAGE_BYTES, pace.pieceBytes());
      await pace.take(bytes, { name, signal });
      taken.push({ at: clock.now(), bytes, name });
    }
  } catch {
    // The signal has fired.
  }
}

interface Seen {
  readonly clock: Clock;
  readonly taken: Taken[];
  readonly signal: AbortSignal;
}

function lab() {
  const clock = createVirtualClock();
  const over = new AbortController();
  const taken: Taken[] = [];
  const tasks: Promise<void>[] = [];
  return {
    ...{ clock, taken, signal: over.signal },
    start(pace: Pace, { after = 0, name = 'a' }: { after?: number; name?: string } = {}) {
      const signal = AbortSignal.any([over.signal]);
      tasks.push(transferThrough(pace, { clock, taken, signal, after, name }));
    },
    async end() {
      over.abort();
      await Promise.all(tasks);
    },
  };
}

function sum(taken: readonly Taken[]): number {
  return taken.reduce((total, { bytes }) => total + bytes, 0);
}

/** Long enough for many pieces, whatever their size. */
function secondsFor(rate: number): number {
  return Math.max(3, Math.min((50 * TRANSFER_MESSAGE_BYTES) / rate, 60));
}

function expectRate(taken: readonly Taken[], { rate, seconds }: { rate: number; seconds: number }): void {
  const moved = sum(taken) / (rate * seconds);
  expect(moved).toBeGreaterThan(0.9);
  expect(moved).toBeLessThan(1.1);
}

describe('a pace', () => {
  it('keeps its rate to a tenth over any number of transfers, whenever they begin', async () => {
    const begins = fc.array(fc.tuple(fc.nat({ max: 1000 }), someone), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(rates, begins, async (rate, transfers) => {
        const { clock, taken, start, end } = lab();
        const pace = createPace(clock, rate);
        for (const [after, name] of transfers) start(pace, { after, name });
        await clock.advance(1000);
        const since = clock.now();
        const seconds = secondsFor(rate);
        await clock.advance(seconds * 1000);
        await end();
        expectRate(
          taken.filter(({ at }) => at > since),
          { rate, seconds },
        );
      }),
      { numRuns: 40 },
    );
  });

  it('lets no more through in any stretch of time than its rate, a burst and a piece', async () => {
    const pauses = fc.array(fc.nat({ max: 400 }), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(rates, pauses, async (rate, idle) => {
        const { clock, taken, signal } = lab();
        const pace = createPace(clock, rate);
        const piece = Math.min(TRANSFER_MESSAGE_BYTES, pace.pieceBytes());
        const tasks: Promise<void>[] = [];
        for (const ms of idle) {
          tasks.push(
            pace.take(piece, { name: 'a', signal: AbortSignal.any([signal]) }).then(() => {
              taken.push({ at: clock.now(), bytes: piece, name: 'a' });
            }),
          );
          await new Promise((resolve) => setImmediate(resolve));
          await clock.advance(ms);
        }
        await clock.advance((2000 * idle.length * piece) / rate + 1000);
        await Promise.all(tasks);
        for (const [from, first] of taken.entries()) {
          const stretch = taken.slice(from);
          const span = ((stretch.at(-1)?.at ?? 0) - first.at) / 1000;
          expect(sum(stretch)).toBeLessThanOrEqual(rate * (span + PACE_BURST_MS / 1000) + 2 * piece);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('shares evenly between devices, however many files each one asks for', async () => {
    const { clock, taken, start, end } = lab();
    const pace = createPace(clock, 512 * KIB);
    for (let file = 0; file < 20; file += 1) start(pace, { name: 'greedy' });
    start(pace, { name: 'modest' });
    await clock.advance(20_000);
    await end();
    const share = sum(taken.filter((one) => one.name === 'modest')) / sum(taken);
    expect(share).toBeGreaterThan(0.45);
    expect(share).toBeLessThan(0.55);
  });

  it('follows a limit that is changed while bytes move, up or down, within a moment', async () => {
    await fc.assert(
      fc.asyncProperty(rates, rates, async (before, after) => {
        const { clock, taken, start, end } = lab();
        const pace = createPace(clock, before);
        start(pace);
        start(pace, { name: 'b' });
        await clock.advance(2000);
        pace.limit(after);
        // Pieces that were cut for the old limit go first.
        await clock.advance(2 * PACE_BURST_MS + (2000 * Math.min(TRANSFER_MESSAGE_BYTES, before / 8)) / after);
        const since = clock.now();
        const seconds = secondsFor(after);
        await clock.advance(seconds * 1000);
        await end();
        expectRate(
          taken.filter(({ at }) => at > since),
          { rate: after, seconds },
        );
      }),
      { numRuns: 30 },
    );
  });

  it('lets everything through at once without a limit, also those who wait when it is lifted', async () => {
    const { clock, signal } = lab();
    const pace = createPace(clock, KIB);
    await pace.take(60 * KIB, { name: 'a', signal });
    const waiting = pace.take(60 * KIB, { name: 'a', signal });
    await clock.advance(1000);
    pace.limit(undefined);
    await clock.advance(PACE_BURST_MS);
    await waiting;
    await pace.take(1e12, { name: 'a', signal });
    await pace.take(1e12, { name: 'b', signal });
    expect(pace.pieceBytes()).toBe(Number.POSITIVE_INFINITY);
  });

  it('holds a limit that is set again after one was lifted under somebody who waited', async () => {
    const { clock, signal } = lab();
    const pace = createPace(clock, KIB);
    await pace.take(60 * KIB, { name: 'a', signal });
    const waiting = pace.take(60 * KIB, { name: 'a', signal });
    pace.limit(undefined);
    await clock.advance(PACE_BURST_MS);
    await waiting;
    pace.limit(KIB);
    await clock.advance(60_000);
    await pace.take(60 * KIB, { name: 'a', signal });
    let hasPassed = false;
    const next = pace.take(KIB, { name: 'a', signal }).then(() => {
      hasPassed = true;
    });
    await Promise.all([clock.wait(1000, signal), clock.advance(1000)]);
    expect(hasPassed).toBe(false);
    await clock.advance(60_000);
    await next;
  });

  it('ends a wait with the reason of its signal, and lets the next one pass', async () => {
    const { clock, signal } = lab();
    const pace = createPace(clock, KIB);
    await pace.take(KIB, { name: 'a', signal });
    const given = new AbortController();
    const waiting = pace.take(KIB, { name: 'a', signal: given.signal });
    given.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    const next = pace.take(KIB, { name: 'b', signal });
    await clock.advance(1000);
    await next;
  });

  it('leaves nothing to wake up for when the last one to wait has gone, however much is owed', async () => {
    const { clock, signal } = lab();
    const waits = new Set<AbortSignal>();
    const watched: Clock = {
      now: clock.now,
      wait(ms, until) {
        waits.add(until);
        return clock.wait(ms, until).finally(() => waits.delete(until));
      },
    };
    const pace = createPace(watched, KIB);
    await pace.take(1000 * KIB, { name: 'a', signal });
    const given = new AbortController();
    const waiting = pace.take(KIB, { name: 'a', signal: given.signal });
    await clock.advance(PACE_BURST_MS);
    expect(waits.size).toBe(1);
    given.abort();
    await expect(waiting).rejects.toThrow();
    await clock.advance(0);
    expect(waits.size).toBe(0);
  });

  it('obeys the lower of two limits', async () => {
    const { clock, taken, start, end } = lab();
    const all = createPace(clock, 256 * KIB);
    start(paceOfAll([createPace(clock, 64 * KIB), all]), { name: 'slow' });
    start(paceOfAll([createPace(clock), all]), { name: 'fast' });
    await clock.advance(20_000);
    await end();
    const of = (name: string) => sum(taken.filter((one) => one.name === name)) / (20 * KIB);
    expect(of('slow')).toBeGreaterThan(0.9 * 64);
    expect(of('slow')).toBeLessThan(1.1 * 64);
    expect(of('slow') + of('fast')).toBeGreaterThan(0.9 * 256);
    expect(of('slow') + of('fast')).toBeLessThan(1.1 * 256);
  });
});

describe('what is owed', () => {
  it('stays the same span of time when the clock is set back', () => {
    const owing = charge({ paidUntil: 100_000, at: 100_000 }, 2000, 1000);
    const later = accountAt(owing, 40_000);
    expect(later.paidUntil - later.at).toBe(2000);
  });

  it('is never saved up beyond a burst', () => {
    expect(accountAt({ paidUntil: 0, at: 0 }, 1_000_000)).toEqual({
      paidUntil: 1_000_000 - PACE_BURST_MS,
      at: 1_000_000,
    });
  });

  it('grows neither in time nor in bytes when the limit changes', () => {
    fc.assert(
      fc.property(rates, rates, fc.nat({ max: 1e6 }), (from, to, bytes) => {
        const before = charge({ paidUntil: 0, at: 0 }, bytes, from);
        const after = atNewRate(before, from, to);
        expect(after.paidUntil).toBeLessThanOrEqual(before.paidUntil);
        expect((after.paidUntil * to) / 1000).toBeLessThanOrEqual(bytes * 1.000001);
      }),
    );
  });
});
