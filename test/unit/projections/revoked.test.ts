import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordOf } from '../../../src/events/journal-record.ts';
import { evolveRevoked, isRevoked, noneRevoked } from '../../../src/projections/revoked.ts';
import { account, device } from '../../support/events/interactions.ts';

const revocation = (owner: number, which: number): RecordOf<'device-revoked'> => ({
  ...{ kind: 'device-revoked', account: account(owner), device: device(which), at: 0 },
});
const small = fc.nat({ max: 3 });
const revocations = fc.array(fc.tuple(small, small).map(([owner, which]) => revocation(owner, which)));
const folded = (records: readonly RecordOf<'device-revoked'>[]) => records.reduce(evolveRevoked, noneRevoked);

describe('revoked devices', () => {
  it('are the same, in whatever order and however often they were heard of', () => {
    fc.assert(
      fc.property(revocations, fc.integer(), (records, seed) => {
        const shuffled = [...records, ...records].sort((a, b) =>
          JSON.stringify(a) < JSON.stringify(b) ? seed : -seed,
        );
        expect(folded(shuffled).equals(folded(records))).toBe(true);
      }),
    );
  });

  it('are those of the account that says so, and no other account’s', () => {
    const revoked = folded([revocation(1, 7)]);
    expect(isRevoked(revoked, { account: account(1), device: device(7) })).toBe(true);
    expect(isRevoked(revoked, { account: account(2), device: device(7) })).toBe(false);
    expect(isRevoked(revoked, { account: account(1), device: device(8) })).toBe(false);
  });
});
