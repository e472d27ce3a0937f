import { describe, expect, it } from 'vitest';
import { isActive, membersAt } from '../../../../src/conversation/membership/membership.ts';
import type { Founding } from '../../../../src/conversation/rules/commit-facts.ts';
import { AccountUri, DeviceId } from '../../../../src/ids.ts';
import { blobOf, treeOf } from '../../../support/git/trees.ts';

const uri = (digit: string) => AccountUri.parse(digit.repeat(40));
const device = (digit: string) => DeviceId.parse(digit.repeat(64));
const [alice, bob, carol, dave, eve] = ['a', 'b', 'c', 'd', 'e'].map(uri) as [
  AccountUri,
  AccountUri,
  AccountUri,
  AccountUri,
  AccountUri,
];
const group: Founding = { conversation: undefined, mode: 'invites-only', initialMembers: [alice] };
const roles = (tree: ReturnType<typeof treeOf>, founding = group) =>
  Object.fromEntries([...membersAt(tree, founding, new Map()).members].map(([member, { role }]) => [member, role]));

describe('the members of a tree', () => {
  it('have the role of the place they stand in, banned admins included', () => {
    const tree = treeOf({
      [`admins/${alice}.crt`]: '',
      [`members/${bob}.crt`]: '',
      [`invited/${carol}`]: '',
      [`banned/members/${dave}.crt`]: '',
      [`banned/admins/${eve}.crt`]: '',
    });
    expect(roles(tree)).toEqual({
      [alice]: 'admin',
      [bob]: 'member',
      [carol]: 'invited',
      [dave]: 'banned',
      [eve]: 'banned',
    });
  });

  it('have the highest role where they stand in several places, and are banned where a ban is one of them', () => {
    const tree = treeOf({
      [`banned/invited/${bob}`]: '',
      [`members/${bob}.crt`]: '',
      [`invited/${carol}`]: '',
      [`members/${carol}.crt`]: '',
    });
    expect(roles(tree)).toEqual({ [bob]: 'banned', [carol]: 'member' });
  });

  it('have left a conversation between two when they stand nowhere', () => {
    const founding: Founding = { conversation: undefined, mode: 'one-to-one', initialMembers: [alice, bob] };
    expect(roles(treeOf({ [`admins/${alice}.crt`]: '' }), founding)).toEqual({ [alice]: 'admin', [bob]: 'left' });
  });

  it('own the devices that their key certified, but for banned ones', () => {
    const [first, second, banned] = [device('1'), device('2'), device('3')];
    const tree = treeOf({
      [`admins/${alice}.crt`]: '',
      [`devices/${second}.crt`]: 'second',
      [`devices/${first}.crt`]: 'first',
      [`banned/devices/${banned}.crt`]: 'third',
    });
    const owners = new Map(['first', 'second', 'third'].map((content) => [blobOf(content), alice]));
    const membership = membersAt(tree, group, owners);
    expect(membership.members.get(alice)?.devices).toEqual([first, second]);
    expect(membership.bannedDevices).toEqual(new Set([banned]));
    expect(isActive(membership, alice, first)).toBe(true);
    expect(isActive(membership, alice, banned)).toBe(false);
    expect(isActive(membership, bob, first)).toBe(false);
  });
});
