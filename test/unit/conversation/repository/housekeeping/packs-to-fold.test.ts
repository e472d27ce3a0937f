import fc from 'fast-check';
import { expect, it } from 'vitest';
import { packsToFold } from '../../../../../src/conversation/repository/housekeeping/packs-to-fold.ts';

const sizesOf = (counts: readonly number[]) => counts.map((objects, place) => ({ name: `pack ${place}`, objects }));

it('leaves packs of which each is at least twice as large as all smaller ones and the new one together', () => {
  fc.assert(
    fc.property(fc.nat(5000), fc.array(fc.integer({ min: 1, max: 100_000 })), (loose, counts) => {
      const sizes = sizesOf(counts);
      const folded = new Set(packsToFold(loose, sizes));
      const stay = sizes.filter(({ name }) => !folded.has(name)).map(({ objects }) => objects);
      let sum = loose + sizes.filter(({ name }) => folded.has(name)).reduce((all, { objects }) => all + objects, 0);
      for (const objects of stay.toSorted((a, b) => a - b)) {
        expect(objects).toBeGreaterThanOrEqual(2 * sum);
        sum += objects;
      }
    }),
  );
});

it('writes each object again only a few times, however long it goes on', () => {
  let packs: number[] = [];
  let written = 0;
  for (let round = 0; round < 200; round++) {
    const sizes = sizesOf(packs);
    const folded = new Set(packsToFold(1000, sizes));
    const size = 1000 + sizes.filter(({ name }) => folded.has(name)).reduce((all, { objects }) => all + objects, 0);
    packs = [...sizes.filter(({ name }) => !folded.has(name)).map(({ objects }) => objects), size];
    written += size;
  }
  expect(packs.length).toBeLessThanOrEqual(9);
  expect(written).toBeLessThan(9 * 200_000);
});
