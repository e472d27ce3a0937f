import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CommitIdSet } from '../../../src/projections/commit-id-set.ts';
import { commitId } from '../../support/events/interactions.ts';

const anyNumber = fc.integer({ min: 0, max: 40 });

describe('a set of commit ids', () => {
  it('holds what was added, once and in the order it came, like a set of strings', () => {
    fc.assert(
      fc.property(fc.array(anyNumber), (numbers) => {
        const ids = numbers.map(commitId);
        const set = ids.reduce((all, id) => all.add(id), CommitIdSet.empty);
        expect([...set]).toEqual([...new Set(ids)]);
        expect(set.size).toBe(new Set(ids).size);
        const all = Array.from({ length: 41 }, (_, number) => number);
        expect(all.filter((number) => set.has(commitId(number)))).toEqual(all.filter((one) => numbers.includes(one)));
      }),
    );
  });

  it('leaves every earlier set as it was, whichever of them others grow from', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), anyNumber), { maxLength: 60 }), (steps) => {
        const sets = [{ set: CommitIdSet.empty, model: [] as readonly string[] }];
        for (const [from, number] of steps) {
          const { set, model } = sets[from % sets.length] ?? { set: CommitIdSet.empty, model: [] };
          const id = commitId(number);
          sets.push({ set: set.add(id), model: model.includes(id) ? model : [...model, id] });
        }
        for (const { set, model } of sets) expect([...set]).toEqual(model);
      }),
    );
  });

  it('takes its bytes back', () => {
    fc.assert(
      fc.property(fc.array(anyNumber), fc.array(anyNumber), (some, others) => {
        const [one, two] = [some, others].map((numbers) =>
          numbers.reduce((all, number) => all.add(commitId(number)), CommitIdSet.empty),
        );
        const both = one?.addBytes(two?.bytes(0, two.size) ?? Buffer.alloc(0));
        expect([...(both ?? [])]).toEqual([...new Set([...some, ...others].map(commitId))]);
        expect(one?.size).toBe(new Set(some).size);
      }),
    );
  });
});
