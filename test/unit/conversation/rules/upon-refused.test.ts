/** Each commit is judged on its own history, whatever was wrong below it: what no right history leads to has its rules as well. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DeviceKeys } from '../../../../src/identity/identity.ts';
import type { CommitId } from '../../../../src/ids.ts';
import { adminFiles, deviceFiles, Forge } from '../../../support/conversation/forge.ts';
import {
  certificate,
  foundGroup,
  type JudgedGroup,
  leave,
  member,
  NOBODY,
  refusalsIn,
  text,
  vote,
} from '../../../support/conversation/judged-group.ts';
import { secondTestDevice, testAccount } from '../../../support/identity/accounts.ts';

let group: JudgedGroup;
let dave: DeviceKeys;
let tablet: DeviceKeys;
beforeAll(async () => {
  [dave, tablet] = await Promise.all([testAccount('dave'), secondTestDevice('alice')]);
});
beforeEach(async () => {
  group = await foundGroup();
});

/** The rules that the commit breaks. */
async function brokenBy(forge: Forge, commit: CommitId): Promise<readonly string[]> {
  return (await refusalsIn(forge)).filter((refusal) => refusal.commit === commit).map(({ rule }) => rule);
}

/** The first commit makes admins of all of them, which no first commit may (R6). */
async function foundedBy(admins: readonly DeviceKeys[]): Promise<Forge> {
  const forge = new Forge();
  const [by] = admins;
  if (!by) throw new TypeError('somebody founds it');
  const files = Object.assign({}, ...admins.map((admin) => adminFiles(admin)));
  await forge.commit({ by, says: { type: 'initial', mode: 2 }, files, on: [] });
  return forge;
}

describe('among several admins', () => {
  const votes = async (forge: Forge, by: readonly DeviceKeys[], path: string) => {
    const cast: CommitId[] = [];
    for (const each of by)
      cast.push(await forge.commit({ by: each, says: { type: 'vote', uri: NOBODY }, files: vote(each, 'ban', path) }));
    return cast;
  };
  const resolve = (forge: Forge, who: DeviceKeys, files: object) =>
    forge.commit({ by: group.alice, says: member('ban', who.account), files: { ...files } });
  const used = (by: readonly DeviceKeys[], path: string) =>
    Object.fromEntries(by.map(({ account }) => [`votes/ban/${path}/${account}`, undefined]));
  const moved = (path: string, content: unknown) => ({ [path]: undefined, [`banned/${path}`]: content });

  it('half of the votes are not enough, and all are', async () => {
    const { alice, bob, carol } = group;
    const forge = await foundedBy([alice, bob]);
    await forge.invite(alice, carol);
    const path = `invited/${carol.account}`;
    const start = forge.head;
    for (const [by, rules] of [
      [[alice], ['R39']],
      [[alice, bob], []],
    ] as const) {
      forge.rewindTo(start);
      await votes(forge, by, path);
      const banned = await resolve(forge, carol, { ...used(by, path), ...moved(path, '') });
      expect(await brokenBy(forge, banned)).toEqual(rules);
    }
  });

  it('the vote of somebody who is none does not count', async () => {
    const { alice, bob, carol } = group;
    const forge = await foundedBy([alice, bob]);
    await forge.invite(alice, dave);
    await forge.join(dave);
    await forge.invite(alice, carol);
    const path = `invited/${carol.account}`;
    await votes(forge, [alice, dave], path);
    const banned = await resolve(forge, carol, { ...used([alice, dave], path), ...moved(path, '') });
    expect(await brokenBy(forge, banned)).toEqual(['R39']);
  });

  it('one of them is banned by the others', async () => {
    const { alice, bob, carol } = group;
    const forge = await foundedBy([alice, bob, carol]);
    const path = `admins/${carol.account}`;
    const cast = await votes(forge, [alice, bob], path);
    for (const each of cast) expect(await brokenBy(forge, each)).toEqual([]);
    const files = moved(`${path}.crt`, certificate(carol));
    const banned = await resolve(forge, carol, { ...used([alice, bob], path), ...files });
    expect(await brokenBy(forge, banned)).toEqual([]);
  });

  it('one that is banned as invited stays an admin', async () => {
    const { alice, bob, carol } = group;
    const forge = await foundedBy([alice, bob, carol]);
    await forge.invite(alice, carol);
    const path = `invited/${carol.account}`;
    await votes(forge, [alice, bob], path);
    const files = { ...moved(path, ''), [`admins/${carol.account}.crt`]: undefined };
    const banned = await resolve(forge, carol, { ...used([alice, bob], path), ...files });
    expect(await brokenBy(forge, banned)).toEqual(['R40']);
  });
});

it('an invitation that was there before is not made by emptying it (R26)', async () => {
  const { forge, bob } = group;
  const add = (content: string) =>
    forge.commit({ by: bob, says: member('add', NOBODY), files: { [`invited/${NOBODY}`]: content } });
  await add('x');
  expect(await brokenBy(forge, await add(''))).toEqual(['R26']);
});

it('who leaves takes no device along whose certificate says nothing (R34)', async () => {
  const { forge, bob } = group;
  const path = `devices/${tablet.device}.crt`;
  await forge.commit({ by: tablet, says: text, files: { [path]: 'no certificate' } });
  expect(await brokenBy(forge, await leave(group, bob, { [path]: undefined }))).toEqual(['R34']);
});

it.each([
  ['is not there', undefined],
  ['says nothing', 'no certificate'],
])('what a device wrote whose certificate %s is edited by nobody (R46)', async (_, certified) => {
  const { forge, bob } = group;
  const edit = await forge.commit({ by: tablet, says: text, files: { [`devices/${tablet.device}.crt`]: certified } });
  expect(await brokenBy(forge, await forge.commit({ by: bob, says: { ...text, edit } }))).toEqual(['R46']);
});

it('of a device that is not there, no more is said than that (V1)', async () => {
  const { forge } = group;
  expect(await brokenBy(forge, await forge.say(dave, 'hi', deviceFiles(tablet)))).toEqual(['V1']);
});
