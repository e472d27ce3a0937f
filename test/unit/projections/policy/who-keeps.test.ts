import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Holder, isCloserToKeeping } from '../../../../src/projections/policy/who-keeps.ts';
import { account, device } from '../../../support/events/interactions.ts';
import { fileOf } from '../../../support/projections/policies.ts';

const DEVICES = [0, 1, 2, 3, 4];
/** Two of the devices are of one account. */
const holderOf = (n: number): Holder => ({ account: account(n % 4), device: device(n) });
const files = fc.record({ id: fc.nat(1000), by: fc.nat(6) }).map(({ id, by }) => fileOf({ id, author: account(by) }));

describe('who keeps a file', () => {
  it('is a device of who sent it, if one holds it', () => {
    const file = fileOf({ author: account(1) });
    for (const n of [0, 2, 3]) expect(isCloserToKeeping(holderOf(1), holderOf(n), file)).toBe(true);
  });

  it('is the same for all, and not the same one for each file', () => {
    const keepers = new Set<number>();
    for (let id = 0; id < 40; id += 1) {
      const file = fileOf({ id, author: account(9) });
      const isFirst = (n: number) =>
        DEVICES.every((other) => other === n || isCloserToKeeping(holderOf(n), holderOf(other), file));
      expect(DEVICES.filter(isFirst)).toHaveLength(1);
      keepers.add(DEVICES.findIndex(isFirst));
    }
    expect(keepers.size).toBe(DEVICES.length);
  });

  it('has it in the end, whoever makes room when, and however late they hear of each other', () => {
    const moves = fc.array(
      fc.record({ who: fc.constantFrom(...DEVICES), hears: fc.option(fc.constantFrom(...DEVICES)) }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(files, moves, (file, all) => {
        const holding = new Set(DEVICES);
        const known = DEVICES.map(() => new Set(DEVICES));
        for (const { who, hears } of all) {
          if (hears === null) {
            const others = [...(known[who] ?? [])].filter((other) => other !== who);
            if (others.some((other) => isCloserToKeeping(holderOf(other), holderOf(who), file))) holding.delete(who);
          } else if (!holding.has(hears)) known[who]?.delete(hears);
        }
        expect(holding.size).toBeGreaterThan(0);
      }),
    );
  });
});
