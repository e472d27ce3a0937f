import { describe, expect, it } from 'vitest';
import { removalOf } from '../../../../src/projections/policy/removal.ts';
import { account, device } from '../../../support/events/interactions.ts';
import { fileOf } from '../../../support/projections/policies.ts';

const auto = 'pictures' as const;
const deleted = fileOf({ isDeleted: true, deletedOn: device(1) });
const self = (by: number, on = by) => ({ account: account(by), device: device(on) });

describe('what goes of a deleted file', () => {
  it.each([
    { what: 'all', policy: { auto, deleteOnOwnDevices: false }, who: self(1), where: 'where it was deleted' },
    { what: 'all', policy: { auto }, who: self(1, 4), where: 'on the author’s other devices' },
    {
      what: 'parts',
      policy: { auto, deleteOnOwnDevices: false },
      who: self(1, 4),
      where: 'there, if they keep theirs',
    },
    { what: 'parts', policy: { auto }, who: self(2), where: 'on everybody else’s devices' },
    { what: 'all', policy: { auto, deleteWhenTakenBack: true }, who: self(2), where: 'there, if their policy says so' },
  ])('$what of it, $where', ({ what, policy, who }) => {
    expect(removalOf(policy, deleted, who)).toBe(what);
  });

  it('is nothing of a file that is not deleted', () => {
    expect(removalOf({ auto, deleteWhenTakenBack: true }, fileOf({}), self(1))).toBe('nothing');
  });
});
