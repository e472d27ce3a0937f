/** The table of docs/decisions/0016-bans-in-concurrent-histories.md: what becomes of a ban and of what happens beside it. */
import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHistoryReader } from '../../../../src/conversation/log/history-reader.ts';
import { readMembership } from '../../../../src/conversation/membership/membership.ts';
import { createAccount } from '../../../../src/identity/create-account.ts';
import type { DeviceKeys } from '../../../../src/identity/identity.ts';
import type { CommitId } from '../../../../src/ids.ts';
import { deviceFiles } from '../../../support/conversation/forge.ts';
import {
  ban,
  expectRefused,
  expectValid,
  foundGroup,
  type JudgedGroup,
  leave,
  member,
  text,
  unban,
  vote,
} from '../../../support/conversation/judged-group.ts';
import {
  secondTestDevice,
  TEST_NOW,
  testAccount,
  testRandom,
  wholeTestAccount,
} from '../../../support/identity/accounts.ts';

let group: JudgedGroup;
let bobsTablet: DeviceKeys;
let alicesTablet: DeviceKeys;
let dave: DeviceKeys;
let renewed: string;

beforeAll(async () => {
  [bobsTablet, alicesTablet, dave] = await Promise.all([
    secondTestDevice('bob'),
    secondTestDevice('alice'),
    testAccount('dave'),
  ]);
  const { keys } = await wholeTestAccount('bob');
  const { account, authority } = await createAccount({ keys, now: TEST_NOW + 1000, random: testRandom });
  renewed = account.pem + authority.pem;
});

beforeEach(async () => {
  group = await foundGroup();
});

/** Makes a few commits on the head; the last one is the head of its branch. */
type Branch = () => Promise<unknown>;

const bringAlong = (by: DeviceKeys) => group.forge.commit({ by, says: text, files: deviceFiles(by) });
const banBob: Branch = () => ban(group, group.bob);
const banBobsTablet: Branch = () => ban(group, bobsTablet, 'devices');
const banCarol: Branch = () => ban(group, group.carol, 'invited');
const carolJoins: Branch = () => group.forge.join(group.carol);
const bobWrites: Branch = () => group.forge.say(group.bob, 'still here');
const bobLeaves: Branch = () => leave(group, group.bob);
const bobRenews: Branch = () =>
  group.forge.say(group.bob, 'renewed', { [`members/${group.bob.account}.crt`]: renewed });
const bobComesBack: Branch = async () => {
  await bobLeaves();
  await group.forge.invite(group.alice, group.bob);
  await group.forge.join(group.bob);
};

async function branchFrom(base: CommitId, branch: Branch): Promise<CommitId> {
  group.forge.rewindTo(base);
  await branch();
  return group.forge.head;
}

async function rolesAt(head: CommitId) {
  const { forge, alice, bob, carol } = group;
  const founding = { conversation: undefined, mode: 'invites-only', initialMembers: [] } as const;
  const { members, bannedDevices } = await readMembership(
    createHistoryReader(forge.reader()),
    forge.treeAt(head),
    founding,
  );
  const roles = Object.entries({ alice, bob, carol, dave }).flatMap(([name, { account }]) => {
    const role = members.get(account)?.role;
    return role ? [[name, role]] : [];
  });
  return { ...Object.fromEntries(roles), devices: [...bannedDevices].sort() };
}

interface Row {
  readonly name: string;
  /** Before the two sides part. */
  readonly first?: Branch;
  readonly one: Branch;
  readonly other: Branch;
  /** Of whom others say the same as before: Alice is the admin, Bob a member, Carol invited. */
  readonly roles?: object;
  readonly devices?: () => readonly string[];
  /** Alice unless her device is banned. */
  readonly merger?: () => DeviceKeys;
}

const ROWS: readonly Row[] = [
  { name: 'Bob writes', one: banBob, other: bobWrites, roles: { bob: 'banned' } },
  { name: 'Bob leaves', one: banBob, other: bobLeaves, roles: { bob: 'banned' } },
  { name: 'Bob leaves and comes back', one: banBob, other: bobComesBack, roles: { bob: 'banned' } },
  { name: 'Carol, invited until then, joins', one: banCarol, other: carolJoins, roles: { carol: 'banned' } },
  { name: 'Bob renews his certificate', one: banBob, other: bobRenews, roles: { bob: 'banned' } },
  {
    name: 'Bob invites Dave',
    one: banBob,
    other: () => group.forge.invite(group.bob, dave),
    roles: { bob: 'banned', dave: 'invited' },
  },
  { name: 'Bob is banned as well', one: banBob, other: banBob, roles: { bob: 'banned' } },
  {
    name: 'Carol joins, and is banned as a member',
    one: banCarol,
    other: async () => {
      await carolJoins();
      await ban(group, group.carol);
    },
    roles: { carol: 'banned' },
  },
  {
    name: 'the banned device writes',
    first: () => bringAlong(bobsTablet),
    one: banBobsTablet,
    other: () => group.forge.say(bobsTablet, 'from the tablet'),
    devices: () => [bobsTablet.device],
  },
  {
    name: 'the banned device comes for the first time',
    one: async () => {
      await bringAlong(bobsTablet);
      await banBobsTablet();
    },
    other: () => bringAlong(bobsTablet),
    devices: () => [bobsTablet.device],
  },
  {
    name: 'two devices ban each other',
    first: async () => {
      await bringAlong(alicesTablet);
      await bringAlong(bobsTablet);
    },
    one: () => ban({ ...group, alice: alicesTablet }, group.alice, 'devices'),
    other: () => ban(group, alicesTablet, 'devices'),
    devices: () => [group.alice.device, alicesTablet.device].sort(),
    merger: () => group.bob,
  },
  {
    name: 'others write while a ban ends',
    first: banBob,
    one: () => unban(group, group.bob),
    other: banCarol,
    roles: { carol: 'banned' },
  },
  {
    name: 'a second ban meets the end of the first',
    first: banBob,
    one: async () => {
      await unban(group, group.bob);
      await banBob();
    },
    other: () => unban(group, group.bob),
  },
];

describe('beside a ban, or its end', () => {
  it.each(ROWS)('$name', async ({ first, one, other, roles, devices, merger }) => {
    const { forge } = group;
    await first?.();
    const base = forge.head;
    const heads = [await branchFrom(base, one), await branchFrom(base, other)] as const;
    const by = merger?.() ?? group.alice;
    const merges = [await forge.merge(by, heads), await forge.merge(by, [heads[1], heads[0]])] as const;
    expect(forge.treeAt(merges[0])).toEqual(forge.treeAt(merges[1]));
    const expected = { alice: 'admin', bob: 'member', carol: 'invited', ...roles, devices: devices?.() ?? [] };
    expect(await rolesAt(merges[0])).toEqual(expected);
    await forge.merge(by, merges);
    await expectValid(forge);
  });

  it('lets nobody speak who is banned after the merge, and everybody else', async () => {
    const { forge, alice, bob, carol } = group;
    const base = forge.head;
    const heads = [await branchFrom(base, banCarol), await branchFrom(base, carolJoins)] as const;
    await forge.merge(alice, heads);
    await forge.say(bob, 'welcome, Carol?');
    await expectRefused(forge, await forge.say(carol, 'thank you'), 'V3');
  });

  it('lets no banned device back in with its certificate', async () => {
    await bringAlong(bobsTablet);
    await banBobsTablet();
    await expectRefused(group.forge, await bringAlong(bobsTablet), 'V1');
  });

  it('lets no banned member merge the ban in', async () => {
    const { forge, bob } = group;
    const base = forge.head;
    const heads = [await branchFrom(base, bobWrites), await branchFrom(base, banBob)] as const;
    await expectRefused(forge, await forge.merge(bob, heads), 'V3');
  });

  it('lifts bans of two kinds one by one', async () => {
    const { forge, alice, carol } = group;
    const base = forge.head;
    const joinedAndBanned = async () => {
      await carolJoins();
      await ban(group, carol);
    };
    await forge.merge(alice, [await branchFrom(base, banCarol), await branchFrom(base, joinedAndBanned)]);
    await unban(group, carol);
    expect(await rolesAt(forge.head)).toMatchObject({ carol: 'banned' });
    await unban(group, carol, 'invited');
    expect(await rolesAt(forge.head)).toMatchObject({ carol: 'member' });
    await forge.say(carol, 'at last');
    await expectValid(forge);
  });

  it('lets in again who joined on another branch, by taking the ban away and nothing else', async () => {
    const { forge, alice, carol } = group;
    const base = forge.head;
    const joinedAndBanned = async () => {
      await carolJoins();
      await ban(group, carol);
    };
    await forge.merge(alice, [await branchFrom(base, carolJoins), await branchFrom(base, joinedAndBanned)]);
    await expectValid(forge);
    const votes = vote(alice, 'unban', `members/${carol.account}`);
    await forge.commit({ by: alice, says: { type: 'vote', uri: carol.account }, files: votes });
    const used = Object.fromEntries(Object.keys(votes).map((name) => [name, undefined]));
    const files = { ...used, [`banned/members/${carol.account}.crt`]: undefined };
    await forge.commit({ by: alice, says: member('unban', carol.account), files });
    expect(await rolesAt(forge.head)).toMatchObject({ carol: 'member' });
    await forge.say(carol, 'here all along');
    await expectValid(forge);
  });

  it('uses a vote that a merge left over', async () => {
    const { forge, alice, bob } = group;
    const base = forge.head;
    const votes = vote(alice, 'ban', `members/${bob.account}`);
    const votesOnly = () => forge.commit({ by: alice, says: { type: 'vote', uri: bob.account }, files: votes });
    await forge.merge(alice, [await branchFrom(base, banBob), await branchFrom(base, votesOnly)]);
    await unban(group, bob);
    const path = `members/${bob.account}.crt`;
    const left = Object.fromEntries(Object.keys(votes).map((name) => [name, undefined]));
    const files = { ...left, [path]: undefined, [`banned/${path}`]: memberCertificate() };
    await forge.commit({ by: alice, says: member('ban', bob.account), files });
    await expectValid(forge);
  });
});

function memberCertificate(): string | undefined {
  const { chain } = group.bob;
  return chain.account.pem + chain.authority.pem;
}

describe('every order of merging', () => {
  it('gives the same members', async () => {
    const { forge, alice } = group;
    const base = forge.head;
    const branches = [banBob, bobRenews, bobComesBack, carolJoins, banCarol];
    const heads: CommitId[] = [];
    for (const branch of branches) heads.push(await branchFrom(base, branch));
    const members = async (order: readonly CommitId[]) => {
      let merged = order[0] ?? base;
      for (const head of order.slice(1)) merged = await forge.merge(alice, [merged, head]);
      return rolesAt(merged);
    };
    const expected = await members(heads);
    expect(expected).toEqual({ alice: 'admin', bob: 'banned', carol: 'banned', devices: [] });
    const orders = fc.shuffledSubarray(heads, { minLength: heads.length });
    await fc.assert(
      fc.asyncProperty(orders, async (order) => {
        expect(await members(order)).toEqual(expected);
      }),
      { numRuns: 10 },
    );
    await expectValid(forge);
  });
});
