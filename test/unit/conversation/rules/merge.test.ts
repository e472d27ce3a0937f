import { beforeEach, describe, expect, it } from 'vitest';
import type { Rule } from '../../../../src/conversation/rules/rule.ts';
import type { DeviceKeys } from '../../../../src/identity/identity.ts';
import type { CommitId } from '../../../../src/ids.ts';
import { secondTestDevice } from '../../../support/accounts.ts';
import { deviceFiles, type Forge } from '../../../support/forge.ts';
import * as judged from '../../../support/judged-group.ts';
import { foundGroup, text } from '../../../support/judged-group.ts';

let alice: DeviceKeys;
let bob: DeviceKeys;
let carol: DeviceKeys;
let forge: Forge;

beforeEach(async () => {
  ({ alice, bob, carol, forge } = await foundGroup());
});

const problems = () => judged.refusalsIn(forge);
const expectRefused = (commit: CommitId, rule: Rule) => judged.expectRefused(forge, commit, rule);
const expectValid = () => judged.expectValid(forge);

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
    expect(await problems()).toContainEqual(expect.objectContaining({ commit, rule: 'V3' }));
  });
});
