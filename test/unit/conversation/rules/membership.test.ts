import { beforeEach, describe, expect, it } from 'vitest';
import type { DeviceKeys } from '../../../../src/identity/identity.ts';
import { adminFiles, deviceFiles, type Files, Forge, memberFiles } from '../../../support/conversation/forge.ts';
import {
  ban,
  certificate,
  foundGroup,
  groupPeople,
  judging,
  member,
  NOBODY,
} from '../../../support/conversation/judged-group.ts';
import { secondTestDevice, testAccount } from '../../../support/identity/accounts.ts';

const { alice, bob, carol } = await groupPeople();
let forge: Forge;
beforeEach(async () => {
  ({ forge } = await foundGroup());
});
const { refusals, expectRefused, expectValid } = judging(() => forge);

const group = () => ({ alice, bob, carol, forge });

describe('an add', () => {
  const add = (uri: string, files: object, by = bob) =>
    forge.commit({ by, says: member('add', uri), files: { ...files } });

  it('makes an invitation, and may bring the author’s device along', async () => {
    const second = await secondTestDevice('bob');
    await add(NOBODY, { [`invited/${NOBODY}`]: '', ...deviceFiles(second) }, second);
    await expectValid();
  });

  it('is between the first two only in a one-to-one (R22)', async () => {
    forge = new Forge();
    await forge.commit({
      by: alice,
      says: { type: 'initial', mode: 0, invited: bob.account },
      files: adminFiles(alice),
    });
    await expectRefused(await add(NOBODY, { [`invited/${NOBODY}`]: '' }, alice), 'R22');
  });

  it('changes something (R23)', async () => expectRefused(await add(NOBODY, {}), 'R23'));
  it('is not of oneself (R24)', async () =>
    expectRefused(await add(bob.account, { [`invited/${bob.account}`]: '' }), 'R24'));
  it('changes nothing else (R25)', async () =>
    expectRefused(await add(NOBODY, { [`invited/${NOBODY}`]: '', 'profile.vcf': 'x' }), 'R25'));
  it('makes the invitation it speaks of (R26)', async () => {
    const second = await secondTestDevice('bob');
    await expectRefused(await add(NOBODY, deviceFiles(second), second), 'R26');
  });
  it('takes no invitation back (R26)', async () =>
    expectRefused(await add(carol.account, { [`invited/${carol.account}`]: undefined }), 'R26'));
  it('makes an empty file (R27)', async () => expectRefused(await add(NOBODY, { [`invited/${NOBODY}`]: 'x' }), 'R27'));
  it('brings no banned member back (R28)', async () => {
    await ban(group(), bob);
    await expectRefused(await add(bob.account, { [`invited/${bob.account}`]: '' }, alice), 'R28');
  });
  it('names a member (R20)', async () => expectRefused(await add(`jami:${NOBODY}`, {}), 'R20'));
  it('does not name nobody (R20)', async () => expectRefused(await add('0'.repeat(40), {}), 'R20'));
  it('is a known action (R21)', async () =>
    expectRefused(await forge.commit({ by: bob, says: member('promote', NOBODY) }), 'R21'));
});

describe('a join', () => {
  const joinWith = (files: object, uri = carol.account, by = carol) =>
    forge.commit({
      by,
      says: member('join', uri),
      files: { [`invited/${uri}`]: undefined, ...memberFiles(by), ...files },
    });

  it('changes nothing else (R29)', async () => expectRefused(await joinWith({ 'profile.vcf': 'x' }), 'R29'));
  it('uses the invitation up (R30)', async () =>
    expectRefused(
      await forge.commit({ by: carol, says: member('join', carol.account), files: memberFiles(carol) }),
      'R30',
    ));
  it('needs an invitation (R30)', async () => {
    const dave = await testAccount('dave');
    await expectRefused(
      await forge.commit({ by: dave, says: member('join', dave.account), files: memberFiles(dave) }),
      'R30',
    );
  });
  it('makes the member’s file (R31)', async () => {
    const commit = await joinWith({ [`members/${carol.account}.crt`]: undefined });
    expect(await refusals()).toContainEqual(expect.objectContaining({ commit, rule: 'R31' }));
  });
  it('is done by the invited one itself (R32)', async () => {
    const files = { [`invited/${carol.account}`]: undefined, [`members/${carol.account}.crt`]: certificate(carol) };
    await expectRefused(await forge.commit({ by: bob, says: member('join', carol.account), files }), 'R32');
  });
  it('makes a file of the invited one, also of an admin, who has another (R32)', async () => {
    await forge.invite(bob, alice);
    const files = { [`members/${alice.account}.crt`]: certificate(carol) };
    await expectRefused(await joinWith(files, alice.account, alice), 'R32');
  });
  it('makes a file that an authority certified, also of an admin, who has another (R32)', async () => {
    await forge.invite(bob, alice);
    const files = { [`members/${alice.account}.crt`]: alice.chain.account.pem };
    await expectRefused(await joinWith(files, alice.account, alice), 'R32');
  });
});

describe('a leave', () => {
  const gone = (who: DeviceKeys) => ({
    [`members/${who.account}.crt`]: undefined,
    [`devices/${who.device}.crt`]: undefined,
  });

  it('takes the member’s own files away', async () => {
    await forge.commit({ by: bob, says: member('remove', bob.account), files: gone(bob) });
    await forge.say(alice, 'bye');
    await expectValid();
  });

  it('is done by nobody else (R33)', async () => {
    const commit = await forge.commit({ by: alice, says: member('remove', bob.account), files: gone(bob) });
    await expectRefused(commit, 'R33');
  });

  it('only takes away (R33)', async () => {
    const files = { ...gone(bob), 'profile.vcf': 'x' };
    await expectRefused(await forge.commit({ by: bob, says: member('remove', bob.account), files }), 'R33');
  });

  it('takes both files of an admin who accepted an invitation away (R33)', async () => {
    await forge.invite(bob, alice);
    await forge.join(alice);
    const before = forge.head;
    const leave = (files: Files) => forge.commit({ by: alice, says: member('remove', alice.account), files });
    const admin = { [`admins/${alice.account}.crt`]: undefined };
    await expectRefused(await leave(admin), 'R33');
    forge.rewindTo(before);
    await leave({ ...admin, ...gone(alice) });
    await expectValid();
  });

  it('takes no other member’s device away (R34)', async () => {
    const files = { ...gone(bob), [`devices/${alice.device}.crt`]: undefined };
    await expectRefused(await forge.commit({ by: bob, says: member('remove', bob.account), files }), 'R34');
  });

  it('is final: who left says no more (V1)', async () => {
    await forge.commit({ by: bob, says: member('remove', bob.account), files: gone(bob) });
    await expectRefused(await forge.say(bob, 'one more thing'), 'V1');
  });
});
