import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFairShares, type Wish } from '../../../../src/fetcher/pace/fair-shares.ts';

const names = ['a', 'b', 'c'];
const size = fc.integer({ min: 1, max: 1000 });

describe('fair shares', () => {
  it('give all who keep wishing the same number of bytes, in however large pieces, to within a piece', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(size, size, size), { minLength: 20, maxLength: 100 }), (sizes) => {
        const shares = createFairShares<Wish>();
        const got = new Map(names.map((name) => [name, 0]));
        const upcoming = new Map(names.map((name, at) => [name, sizes.map((of) => of[at] ?? 1)]));
        const wish = (name: string) => {
          const bytes = upcoming.get(name)?.shift();
          if (bytes !== undefined) shares.add({ name, bytes });
          return bytes !== undefined;
        };
        for (const name of names) wish(name);
        for (let next = shares.shift(); next !== undefined; next = shares.shift()) {
          got.set(next.name, (got.get(next.name) ?? 0) + next.bytes);
          if (!wish(next.name)) break;
          const all = [...got.values()];
          expect(Math.max(...all) - Math.min(...all)).toBeLessThanOrEqual(1000);
        }
      }),
    );
  });

  it('grant what one name wishes in its order, each wish once, and nothing that was taken back', () => {
    const wishes = fc.array(fc.record({ name: fc.constantFrom(...names), bytes: size, isTakenBack: fc.boolean() }));
    fc.assert(
      fc.property(wishes, (all) => {
        const shares = createFairShares<(typeof all)[number]>();
        for (const wish of all) shares.add(wish);
        for (const wish of all) if (wish.isTakenBack) shares.remove(wish);
        const granted = [];
        for (let next = shares.shift(); next !== undefined; next = shares.shift()) granted.push(next);
        expect(shares.isEmpty).toBe(true);
        for (const name of names) {
          const of = (list: typeof all) => list.filter((one) => one.name === name);
          expect(of(granted)).toEqual(of(all).filter((one) => !one.isTakenBack));
        }
      }),
    );
  });

  it('do not let one who comes late catch up', () => {
    const shares = createFairShares<Wish>();
    for (let count = 0; count < 10; count += 1) shares.add({ name: 'early', bytes: 100 });
    for (let count = 0; count < 5; count += 1) shares.shift();
    for (let count = 0; count < 5; count += 1) shares.add({ name: 'late', bytes: 100 });
    const next = [1, 2, 3, 4].map(() => shares.shift()?.name);
    expect(next.filter((name) => name === 'late')).toHaveLength(2);
  });
});
