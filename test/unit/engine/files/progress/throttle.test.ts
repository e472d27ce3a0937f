import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createThrottle } from '../../../../../src/engine/files/progress/throttle.ts';
import { PROGRESS_EVERY_MS, PROGRESS_PER_SECOND } from '../../../../../src/limits.ts';
import { createVirtualClock } from '../../../../support/time/virtual-clock.ts';

interface Told {
  readonly at: number;
  readonly value: { readonly key: string; readonly count: number };
}

function lab() {
  const clock = createVirtualClock();
  const over = new AbortController();
  const told: Told[] = [];
  const throttle = createThrottle<Told['value']>({
    ...{ clock, signal: over.signal },
    tell: (value) => told.push({ at: clock.now(), value }),
  });
  return { clock, over, told, throttle };
}

/** Keys that move, urgently or not, so many milliseconds after the one before. */
const moves = fc.array(fc.tuple(fc.nat({ max: 250 }), fc.constantFrom('a', 'b'), fc.boolean()), {
  minLength: 1,
  maxLength: 120,
});

async function told(all: readonly [number, string, boolean][]) {
  const { clock, told, throttle } = lab();
  for (const [count, [ms, key, isUrgent]] of all.entries()) {
    await clock.advance(ms);
    throttle.moved(key, { key, count }, { isUrgent });
  }
  await clock.advance(1000);
  return (key: string) => told.filter(({ value }) => value.key === key);
}

describe('a throttle', () => {
  it('tells of each key ten times in any second at most, in order, and of the last time in the end', async () => {
    await fc.assert(
      fc.asyncProperty(moves, async (all) => {
        const of = await told(all);
        for (const one of ['a', 'b']) {
          const values = of(one);
          expect(values.at(-1)?.value.count ?? -1).toBe(all.findLastIndex(([, key]) => key === one));
          for (const [at, { value }] of values.slice(1).entries())
            expect(value.count).toBeGreaterThan(values[at]?.value.count ?? 0);
          for (const { at } of values)
            expect(values.filter((other) => other.at >= at && other.at < at + 1000).length).toBeLessThanOrEqual(10);
        }
      }),
    );
  });

  it('leaves time between two that are not urgent', async () => {
    await fc.assert(
      fc.asyncProperty(moves, async (all) => {
        const calm = all.map(([ms]) => [ms, 'a', false] as [number, string, boolean]);
        const times = (await told(calm))('a').map(({ at }) => at);
        for (const [at, time] of times.slice(1).entries())
          expect(time - (times[at] ?? 0)).toBeGreaterThanOrEqual(PROGRESS_EVERY_MS);
      }),
    );
  });

  it('tells at once of what is urgent, and not again of that, until the second is full', async () => {
    const { clock, told, throttle } = lab();
    for (const count of [1, 2]) throttle.moved('a', { key: 'a', count });
    for (let count = 3; count < 20; count += 1) throttle.moved('a', { key: 'a', count }, { isUrgent: true });
    throttle.moved('b', { key: 'b', count: 1 }, { isUrgent: true });
    const counts = (of: string) => told.filter(({ value: { key } }) => key === of).map(({ value }) => value.count);
    expect(counts('a')).toEqual([1, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(counts('b')).toEqual([1]);
    await clock.advance(999);
    expect(counts('a')).toHaveLength(10);
    await clock.advance(5000);
    expect(counts('a').slice(10)).toEqual([19]);
    expect(counts('b')).toEqual([1]);
  });

  it('says of what is told whether something of it was urgent', async () => {
    const clock = createVirtualClock();
    const urgencies: boolean[] = [];
    const { signal } = new AbortController();
    const throttle = createThrottle<number>({
      clock,
      signal,
      tell: (_, { isUrgent }) => void urgencies.push(isUrgent),
    });
    for (let count = 0; count < PROGRESS_PER_SECOND; count += 1) throttle.moved('a', count, { isUrgent: true });
    throttle.moved('a', 100, { isUrgent: true });
    throttle.moved('a', 101);
    await clock.advance(1000);
    throttle.moved('a', 102);
    await clock.advance(1000);
    expect(urgencies).toEqual([...Array(PROGRESS_PER_SECOND + 1).fill(true), false]);
  });

  it('tells at once of what has not moved lately, and nothing after the signal', async () => {
    const { clock, over, told, throttle } = lab();
    throttle.moved('a', { key: 'a', count: 1 });
    expect(told).toHaveLength(1);
    throttle.moved('a', { key: 'a', count: 2 });
    over.abort();
    throttle.moved('b', { key: 'b', count: 1 });
    await clock.advance(1000);
    expect(told).toHaveLength(1);
  });
});
