import { beforeEach, describe, expect, it } from 'vitest';
import { adminFiles, deviceFiles, Forge, memberFiles } from '../../../support/conversation/forge.ts';
import { certificate, foundGroup, groupPeople, judging, text } from '../../../support/conversation/judged-group.ts';
import { testAccount } from '../../../support/identity/accounts.ts';

const EXPIRED = Date.UTC(2010, 0, 1);
const { alice, bob, carol } = await groupPeople();
let forge: Forge;
beforeEach(async () => {
  ({ forge } = await foundGroup());
});
const { refusals, expectRefused, expectValid } = judging(() => forge);

describe('who signs', () => {
  it('is a device that is in the tree (V1)', async () => {
    const commit = await forge.commit({ by: bob, says: text, files: { [`devices/${bob.device}.crt`]: undefined } });
    expect((await refusals())[0]).toMatchObject({ commit, rule: 'V1' });
  });

  it('is a member at that point (V3)', async () => {
    const commit = await forge.commit({ by: carol, says: text, files: deviceFiles(carol) });
    await expectRefused(commit, 'V3');
  });

  it('has certificates that are in force at the commit’s time (V4, V5)', async () => {
    const old = await testAccount('old', { now: EXPIRED });
    await forge.invite(alice, old);
    const joined = await forge.join(old);
    expect(await refusals()).toEqual([expect.objectContaining({ commit: joined, rule: 'V4' })]);
    forge = new Forge();
    const seconds = EXPIRED / 1000 + 5;
    await forge.commit({ by: old, says: { type: 'initial', mode: 2 }, files: adminFiles(old), seconds });
    await expectValid();
  });

  it('signs with its own key (V6)', async () => {
    await expectRefused(await forge.commit({ by: bob, says: text, signedWith: alice }), 'V6');
  });

  it('signs every byte (V6)', async () => {
    const tamper = (bytes: Buffer) => Buffer.from(bytes.toString('latin1').replace('hello', 'hallo'), 'latin1');
    await expectRefused(await forge.commit({ by: bob, says: text, tamper }), 'V6');
  });

  it('signs at all (R2)', async () => {
    const tamper = (bytes: Buffer) => Buffer.from(bytes.toString('latin1').replace(/signature .*\n/, ''), 'latin1');
    await expectRefused(await forge.commit({ by: bob, says: text, tamper }), 'R2');
  });

  it('is the device that the file’s name says (S1)', async () => {
    const files = { [`devices/${bob.device}.crt`]: deviceFiles(alice)[`devices/${alice.device}.crt`] };
    const commit = await forge.commit({ by: bob, says: text, files, signedWith: alice });
    await expectRefused(commit, 'S1');
  });

  it('was certified by the account, not by somebody of the same name (S1)', async () => {
    const impostor = { ...(await testAccount('mallory')), account: alice.account };
    const files = { [`devices/${impostor.device}.crt`]: impostor.chain.device.pem };
    const commit = await forge.commit({ by: impostor, says: text, files });
    expect((await refusals())[0]).toMatchObject({ commit, rule: 'V3' });
  });

  it('has an account that its authority certified (S1)', async () => {
    forge = new Forge();
    const files = {
      ...adminFiles(alice),
      [`admins/${alice.account}.crt`]: alice.chain.account.pem + bob.chain.authority.pem,
    };
    await expectRefused(await forge.found(alice, files), 'S1');
  });

  it('has an account whose file holds its own key (V7)', async () => {
    forge = new Forge();
    const files = { ...adminFiles(alice), [`admins/${alice.account}.crt`]: certificate(bob) };
    await expectRefused(await forge.found(alice, files), 'V7');
  });

  it('has certificates that can be read', async () => {
    forge = new Forge();
    await expectRefused(await forge.found(alice, { [`devices/${alice.device}.crt`]: 'no certificate' }), 'OBJECT');
  });
});

describe('an initial commit', () => {
  beforeEach(() => {
    forge = new Forge();
  });

  it('may found a conversation between two', async () => {
    const says = { type: 'initial', mode: 0, invited: bob.account };
    await forge.commit({ by: alice, says, files: { ...adminFiles(alice), [`invited/${bob.account}`]: '' } });
    await forge.join(bob);
    await expectValid();
  });

  it('states a known mode (R5)', async () => {
    await expectRefused(
      await forge.commit({ by: alice, says: { type: 'initial', mode: 9 }, files: adminFiles(alice) }),
      'R5',
    );
  });

  it('brings nothing else along (R6)', async () => {
    await expectRefused(await forge.found(alice, { 'readme.txt': 'x' }), 'R6');
  });

  it('invites only in a conversation between two (R6)', async () => {
    await expectRefused(await forge.found(alice, { [`invited/${bob.account}`]: '' }), 'R6');
  });

  it('makes its author an admin, not a member (R6)', async () => {
    await expectRefused(
      await forge.commit({ by: alice, says: { type: 'initial', mode: 2 }, files: memberFiles(alice) }),
      'R6',
    );
  });

  it('is signed like every other (V6)', async () => {
    const by = { by: alice, says: { type: 'initial', mode: 2 }, files: adminFiles(alice), signedWith: bob };
    await expectRefused(await forge.commit(by), 'V6');
  });

  it('is the only one (S2)', async () => {
    const first = await forge.found(alice);
    const second = await forge.found(bob);
    await forge.commit({ by: alice, says: `Merge commit '${second}'`, on: [first, second], files: adminFiles(bob) });
    const found = await refusals();
    expect(found[0]).toMatchObject({ commit: second, rule: 'S2' });
  });
});
