import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createThrottle } from '../../../../../src/engine/files/progress/throttle.ts';
import { PROGRESS_EVERY_MS } from '../../../../../src/limits.ts';
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

describe('a throttle', () => {
  it('tells of each key ten times a second at most, in order, and of the last time in the end', async () => {
    const moves = fc.array(fc.tuple(fc.nat({ max: 250 }), fc.constantFrom('a', 'b')), { minLength: 1, maxLength: 80 });
    await fc.assert(
      fc.asyncProperty(moves, async (all) => {
        const { clock, told, throttle } = lab();
        const last = new Map<string, number>();
        for (const [count, [ms, key]] of all.entries()) {
          await clock.advance(ms);
          throttle.moved(key, { key, count });
          last.set(key, count);
        }
        await clock.advance(2 * PROGRESS_EVERY_MS);
        for (const [key, count] of last) {
          const of = told.filter(({ value }) => value.key === key);
          expect(of.at(-1)?.value.count).toBe(count);
          for (const [at, one] of of.slice(1).entries()) {
            expect(one.at - (of[at]?.at ?? 0)).toBeGreaterThanOrEqual(PROGRESS_EVERY_MS);
            expect(one.value.count).toBeGreaterThan(of[at]?.value.count ?? 0);
          }
        }
      }),
    );
  });

  it('tells at once of what is urgent, and not again of that', async () => {
    const { clock, told, throttle } = lab();
    for (const count of [1, 2]) throttle.moved('a', { key: 'a', count });
    throttle.moved('a', { key: 'a', count: 3 }, { isUrgent: true });
    throttle.moved('b', { key: 'b', count: 1 }, { isUrgent: true });
    const values = () => told.map(({ value }) => [value.key, value.count]);
    const expected = [
      ['a', 1],
      ['a', 3],
      ['b', 1],
    ];
    expect(values()).toEqual(expected);
    await clock.advance(1000);
    expect(values()).toEqual(expected);
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
