import fc from 'fast-check';
import { expect, it } from 'vitest';
import { applyDelta } from '../../../../../src/conversation/repository/packs/delta.ts';
import { createDeltaBase, makeDelta } from '../../../../../src/conversation/repository/packs/make-delta.ts';

const pieces = fc.array(fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(0, 1, 2)), { maxLength: 8 });

/** A number stands for one of a few long stretches, which so turn up in both. */
const assembled = pieces.map((list) =>
  Buffer.concat(list.map((piece) => (typeof piece === 'number' ? Buffer.alloc(300, `stretch ${piece}; `) : piece))),
);

it('makes the target from the base, whatever they have in common', () => {
  fc.assert(
    fc.property(assembled, assembled, (base, target) => {
      const delta = makeDelta(createDeltaBase(base), target, Number.POSITIVE_INFINITY);
      expect(delta && Buffer.from(applyDelta(base, delta))).toEqual(target);
    }),
  );
});

it('is short where little differs, and none where it would not be', () => {
  const base = Buffer.from(Array.from({ length: 1000 }, (_, place) => `line ${place} of many\n`).join(''));
  const target = Buffer.concat([base.subarray(0, 5000), Buffer.from('something new'), base.subarray(5100)]);
  expect(makeDelta(createDeltaBase(base), target, 60)?.byteLength).toBeLessThan(40);
  expect(makeDelta(createDeltaBase(Buffer.alloc(5000)), target, 10_000)).toBeUndefined();
});

it('copies more than one instruction can, from places far in', () => {
  const base = Buffer.concat([
    Buffer.alloc(2_000_000, 'abc'),
    Buffer.from(Array.from({ length: 70_000 }, (_, n) => n % 251)),
  ]);
  const target = base.subarray(1_900_000);
  const delta = makeDelta(createDeltaBase(base), target, 1000);
  expect(delta && Buffer.from(applyDelta(base, delta)).equals(target)).toBe(true);
});
