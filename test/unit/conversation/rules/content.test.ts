import { beforeEach, describe, expect, it } from 'vitest';
import { createAccount } from '../../../../src/identity/create-account.ts';
import type { DeviceKeys } from '../../../../src/identity/identity.ts';
import { adminFiles, deviceFiles, Forge } from '../../../support/conversation/forge.ts';
import {
  certificate,
  foundGroup,
  groupPeople,
  judging,
  NOBODY,
  vote,
} from '../../../support/conversation/judged-group.ts';
import { secondTestDevice, TEST_NOW, testRandom, wholeTestAccount } from '../../../support/identity/accounts.ts';

const { alice, bob, carol } = await groupPeople();
let forge: Forge;
beforeEach(async () => {
  ({ forge } = await foundGroup());
});
const { refusals, expectRefused, expectValid } = judging(() => forge);

describe('a text that says nothing sensible', () => {
  it.each([
    ['no JSON', 'hello'],
    ['no object', '[]'],
    ['no type', '{"body":"x"}'],
    ['a mode that is no number', '{"mode":"2","type":"text/plain"}'],
    ['a size that is no number', '{"totalSize":"big","type":"application/data-transfer+json"}'],
  ])('is refused: %s (R7)', async (_, says) => {
    await expectRefused(await forge.commit({ by: bob, says }), 'R7');
  });

  it('passes when only its type is unknown', async () => {
    await forge.commit({ by: bob, says: { type: 'application/from-the-future', answer: '42' } });
    await expectValid();
  });
});

describe('a profile', () => {
  const update = (by: DeviceKeys, files: object) =>
    forge.commit({ by, says: { type: 'application/update-profile' }, files: { ...files } });

  it('is an admin’s to change', async () => {
    await update(alice, { 'profile.vcf': 'BEGIN:VCARD' });
    await expectValid();
  });
  it('is nobody else’s (R41)', async () => expectRefused(await update(bob, { 'profile.vcf': 'x' }), 'R41'));
  it('changes alone (R42)', async () => expectRefused(await update(alice, { 'profile.vcf': 'x', other: 'x' }), 'R42'));
});

describe('a document', () => {
  const attachment = 'content';
  const checkpoint = { type: 'application/checkpoint', body: '' };
  const nameOf = (content: string) => forge.put('blob', Buffer.from(content));
  const foundDocument = () => {
    forge = new Forge();
    return forge.commit({ by: alice, says: { type: 'initial', mode: 4 }, files: adminFiles(alice) });
  };

  it('holds checkpoints with attachments named after their content', async () => {
    await foundDocument();
    await forge.commit({ by: alice, says: checkpoint, files: { [`attachments/${nameOf(attachment)}`]: attachment } });
    await expectValid();
  });
  it('alone holds checkpoints (R43)', async () =>
    expectRefused(await forge.commit({ by: bob, says: checkpoint }), 'R43'));
  it('holds no attachment under another name, binary ones included (R44)', async () => {
    await foundDocument();
    const files = { [`attachments/${NOBODY}`]: Buffer.from([0, 1, 2, 255]) };
    await expectRefused(await forge.commit({ by: alice, says: checkpoint, files }), 'R44');
  });
  it('holds no messages (R48)', async () => {
    await foundDocument();
    await expectRefused(await forge.say(alice, 'hello'), 'R48');
  });
});

describe('an edit', () => {
  const edit = (by: DeviceKeys, target: string, files: object = {}) =>
    forge.commit({ by, says: { type: 'text/plain', body: 'new', edit: target }, files: { ...files } });

  it('changes an own message, in both forms', async () => {
    const said = await forge.say(bob, 'old');
    await edit(bob, said);
    await forge.commit({ by: bob, says: { type: 'application/edited-message', body: 'newer', edit: said } });
    await expectValid();
  });
  it('names a commit (R45)', async () => expectRefused(await edit(bob, NOBODY), 'R45'));
  it('names one at all (R45)', async () =>
    expectRefused(await forge.commit({ by: bob, says: { type: 'application/edited-message', body: 'x' } }), 'R45'));
  it('names one that it descends from (R45)', async () => {
    const fork = forge.head;
    const aside = await forge.say(bob, 'on a fork');
    forge.rewindTo(fork);
    const commit = await edit(bob, aside);
    await forge.commit({ by: alice, says: `Merge commit '${aside}'`, on: [commit, aside] });
    await expectRefused(commit, 'R45');
  });
  it('is the author’s (R46)', async () => expectRefused(await edit(alice, await forge.say(bob, 'mine')), 'R46'));
  it('may come from another device of the author', async () => {
    const said = await forge.say(bob, 'old');
    const second = await secondTestDevice('bob');
    await edit(second, said, deviceFiles(second));
    await expectValid();
  });
  it('is of a message or an announcement (R47)', async () => {
    const call = await forge.commit({
      by: bob,
      says: { type: 'application/call-history+json', to: '', duration: '1' },
    });
    await expectRefused(await edit(bob, call), 'R47');
  });
  it('changes no files (R49)', async () =>
    expectRefused(await edit(bob, await forge.say(bob, 'old'), { 'profile.vcf': 'x' }), 'R49'));
});

describe('an ordinary commit', () => {
  it.each([
    ['adds a file', { 'readme.txt': 'x' }],
    ['adds a binary file', { blob: Buffer.from([0, 1, 2, 3]) }],
    ['adds a file of an odd name', { 'a | 1': 'x' }],
    ['makes its author an admin', 'admin'],
    ['takes away the admin', 'no admin'],
    ['brings in a foreign device', 'device'],
    ['votes', 'vote'],
  ])('is refused when it %s (R49)', async (_, what) => {
    const files = {
      admin: { [`admins/${bob.account}.crt`]: certificate(bob) },
      'no admin': { [`admins/${alice.account}.crt`]: undefined },
      device: deviceFiles(carol),
      vote: vote(bob, 'ban', `admins/${alice.account}`),
    };
    const chosen = typeof what === 'string' ? files[what as keyof typeof files] : what;
    await expectRefused(await forge.say(bob, 'look', chosen), 'R49');
  });

  it('may renew its author’s certificates', async () => {
    const { keys } = await wholeTestAccount('bob');
    const { account, authority } = await createAccount({ keys, now: TEST_NOW + 1000, random: testRandom });
    const renewed = account.pem + authority.pem;
    await forge.say(bob, 'renewed', { [`members/${bob.account}.crt`]: renewed });
    await expectValid();
  });

  it('does not renew them with somebody else’s (R49)', async () => {
    const commit = await forge.say(bob, 'renewed', { [`members/${bob.account}.crt`]: certificate(carol) });
    const found = await refusals();
    expect(found).toContainEqual(expect.objectContaining({ commit, rule: 'R49' }));
  });
});
