import { beforeEach, describe, expect, it } from 'vitest';
import { deviceFiles, type Forge } from '../../../support/conversation/forge.ts';
import {
  ban,
  certificate,
  foundGroup,
  groupPeople,
  judging,
  text,
} from '../../../support/conversation/judged-group.ts';
import { secondTestDevice } from '../../../support/identity/accounts.ts';

const { alice, bob, carol } = await groupPeople();
let forge: Forge;
beforeEach(async () => {
  ({ forge } = await foundGroup());
});
const { refusals, expectRefused, expectValid } = judging(() => forge);

describe('a merge', () => {
  /** Two commits on one parent: Bob says something, and a second device of his brings its certificate along. */
  async function fork() {
    const second = await secondTestDevice('bob');
    const base = forge.head;
    const left = await forge.say(bob, 'left');
    forge.rewindTo(base);
    const right = await forge.commit({ by: second, says: text, files: deviceFiles(second) });
    return { left, right, files: deviceFiles(second) };
  }

  it('takes every file from one of its parents', async () => {
    const { left, right, files } = await fork();
    await forge.commit({ by: alice, says: `Merge commit '${right}'`, on: [left, right], files });
    await expectValid();
  });
  it('invents nothing (R52)', async () => {
    const { left, right, files } = await fork();
    const invented = { ...files, 'readme.txt': 'x' };
    await expectRefused(
      await forge.commit({ by: alice, says: 'Merge commit', on: [left, right], files: invented }),
      'R52',
    );
  });
  it('has two parents (R51)', async () => {
    const { left, right, files } = await fork();
    const on = [left, right, forge.read(left).parents[0] ?? left];
    await expectRefused(await forge.commit({ by: alice, says: 'Merge commit', on, files }), 'R51');
  });
  it('is a member’s (V3)', async () => {
    const { left, right, files } = await fork();
    const own = { ...files, ...deviceFiles(carol) };
    const commit = await forge.commit({ by: carol, says: 'Merge commit', on: [left, right], files: own });
    expect(await refusals()).toContainEqual(expect.objectContaining({ commit, rule: 'V3' }));
  });

  describe('does not choose between its sides (S3)', () => {
    /** Alice bans Bob while he writes on. */
    async function banAtOnce() {
      const base = forge.head;
      const banned = await ban({ alice, bob, carol, forge }, bob);
      forge.rewindTo(base);
      const unaware = await forge.say(bob, 'still here');
      return { banned, unaware };
    }

    it('by undoing a ban, whoever merges', async () => {
      const { banned, unaware } = await banAtOnce();
      await expectRefused(await forge.commit({ by: bob, says: 'Merge commit', on: [unaware, banned] }), 'S3');
    });
    it('by bringing a banned member’s file back', async () => {
      const { banned, unaware } = await banAtOnce();
      const file = { [`members/${bob.account}.crt`]: certificate(bob) };
      await expectRefused(await forge.merge(alice, [banned, unaware], file), 'S3');
    });
    it('by dropping what only one side has', async () => {
      const { left, right } = await fork();
      await expectRefused(await forge.commit({ by: alice, says: 'Merge commit', on: [left, right] }), 'S3');
    });
    it('by preferring a profile', async () => {
      const base = forge.head;
      const update = (title: string) =>
        forge.commit({ by: alice, says: { type: 'application/update-profile' }, files: { 'profile.vcf': title } });
      const one = await update('one');
      forge.rewindTo(base);
      const other = await update('other');
      const lost = one > other ? 'other' : 'one';
      await expectRefused(await forge.merge(alice, [one, other], { 'profile.vcf': lost }), 'S3');
      await forge.merge(alice, [one, other]);
      await expectValid();
    });
  });
});
