import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SEEN_DEVICES } from '../../../src/limits.ts';
import { evolveSeen, noneSeen } from '../../../src/projections/seen-devices.ts';
import { account, device } from '../../support/events/interactions.ts';

const sightings = fc.array(fc.tuple(fc.nat({ max: 1 }), fc.nat({ max: SEEN_DEVICES * 2 })), { maxLength: 200 });

describe('seen devices', () => {
  it('are the first of each account, as many as there is room for', () => {
    fc.assert(
      fc.property(sightings, (seen) => {
        const state = seen.reduce(
          (before, [owner, n]) =>
            evolveSeen(before, { kind: 'device-seen', account: account(owner), device: device(n), at: 0 }),
          noneSeen,
        );
        for (const owner of [0, 1]) {
          const devices = new Set(seen.filter(([one]) => one === owner).map(([, n]) => device(n)));
          const first = [...devices].slice(0, SEEN_DEVICES).sort();
          expect([...state.get(account(owner), [])].sort()).toEqual(first);
        }
      }),
    );
  });
});
