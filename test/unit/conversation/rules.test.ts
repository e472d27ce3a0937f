import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RULES, type Rule } from '../../../src/conversation/rules/rule.ts';
import { verifyHistory } from '../../../src/conversation/verify-history.ts';
import type { DeviceKeys } from '../../../src/identity/identity.ts';
import type { CommitId } from '../../../src/ids.ts';
import { secondTestDevice, TEST_NOW, testAccount } from '../../support/accounts.ts';
import { adminFiles, deviceFiles, Forge, memberFiles } from '../../support/forge.ts';

const { signal } = new AbortController();
const EXPIRED = Date.UTC(2010, 0, 1);
const NOBODY = 'ab'.repeat(20);
const tried = new Set<Rule>();

let alice: DeviceKeys;
let bob: DeviceKeys;
let carol: DeviceKeys;
let forge: Forge;

beforeAll(async () => {
  [alice, bob, carol] = await Promise.all([testAccount('alice'), testAccount('bob'), testAccount('carol')]);
});

/** Alice is the admin, Bob a member, Carol is invited. */
beforeEach(async () => {
  forge = new Forge();
  await forge.found(alice);
  await forge.invite(alice, bob);
  await forge.join(bob);
  await forge.invite(bob, carol);
});

async function problems(): Promise<readonly { commit: CommitId; rule: Rule; message: string }[]> {
  return (await verifyHistory(forge.reader(), { signal })).problems;
}

/** The commit breaks exactly this rule, and nothing else in the history is wrong. */
async function expectRefused(commit: CommitId, rule: Rule): Promise<void> {
  tried.add(rule);
  expect(await problems()).toEqual([expect.objectContaining({ commit, rule })]);
}

const expectValid = async () => expect(await problems()).toEqual([]);

const member = (action: string, uri: string) => ({ type: 'member', action, uri });
const text = { type: 'text/plain', body: 'hello' };
const vote = (who: DeviceKeys, action: string, path: string) => ({ [`votes/${action}/${path}/${who.account}`]: '' });
const certificate = (who: DeviceKeys) => memberFiles(who)[`members/${who.account}.crt`];

describe('who signs', () => {
  it('is a device that is in the tree (V1)', async () => {
    const commit = await forge.commit({ by: bob, says: text, files: { [`devices/${bob.device}.crt`]: undefined } });
    expect((await problems())[0]).toMatchObject({ commit, rule: 'V1' });
    tried.add('V1');
  });

  it('is a member at that point (V3)', async () => {
    const commit = await forge.commit({ by: carol, says: text, files: deviceFiles(carol) });
    await expectRefused(commit, 'V3');
  });

  it('has certificates that are in force at the commit’s time (V4, V5)', async () => {
    const old = await testAccount('old', { now: EXPIRED });
    await forge.invite(alice, old);
    const joined = await forge.join(old);
    expect(await problems()).toEqual([expect.objectContaining({ commit: joined, rule: 'V4' })]);
    tried.add('V4');
    forge = new Forge();
    await forge.found(old);
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
    expect((await problems())[0]).toMatchObject({ commit, rule: 'V3' });
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
    const found = await problems();
    tried.add('S2');
    expect(found[0]).toMatchObject({ commit: second, rule: 'S2' });
  });
});

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
  it('makes the invitation it speaks of (R26)', async () =>
    expectRefused(await add(NOBODY, deviceFiles(alice), alice), 'R23'));
  it('takes no invitation back (R26)', async () =>
    expectRefused(await add(carol.account, { [`invited/${carol.account}`]: undefined }), 'R26'));
  it('makes an empty file (R27)', async () => expectRefused(await add(NOBODY, { [`invited/${NOBODY}`]: 'x' }), 'R27'));
  it('brings no banned member back (R28)', async () => {
    await ban(bob);
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
    expect(await problems()).toContainEqual(expect.objectContaining({ commit, rule: 'R31' }));
    tried.add('R31');
  });
  it('is done by the invited one itself (R32)', async () => {
    const files = { [`invited/${carol.account}`]: undefined, [`members/${carol.account}.crt`]: certificate(carol) };
    await expectRefused(await forge.commit({ by: bob, says: member('join', carol.account), files }), 'R32');
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

  it('takes no other member’s device away (R34)', async () => {
    const files = { ...gone(bob), [`devices/${alice.device}.crt`]: undefined };
    await expectRefused(await forge.commit({ by: bob, says: member('remove', bob.account), files }), 'R34');
  });

  it('is final: who left says no more (V1)', async () => {
    await forge.commit({ by: bob, says: member('remove', bob.account), files: gone(bob) });
    await expectRefused(await forge.say(bob, 'one more thing'), 'V1');
  });
});

/** Alice, the only admin, votes and resolves. */
async function ban(who: DeviceKeys): Promise<CommitId> {
  const path = `members/${who.account}`;
  await forge.commit({ by: alice, says: { type: 'vote', uri: who.account }, files: vote(alice, 'ban', path) });
  const files = {
    [`votes/ban/${path}/${alice.account}`]: undefined,
    [`${path}.crt`]: undefined,
    [`banned/${path}.crt`]: certificate(who),
  };
  return forge.commit({ by: alice, says: member('ban', who.account), files });
}

describe('a vote', () => {
  const cast = (files: object, by = alice) =>
    forge.commit({ by, says: { type: 'vote', uri: bob.account }, files: { ...files } });
  const onBob = () => vote(alice, 'ban', `members/${bob.account}`);

  it('may be empty (R9)', async () => {
    await cast({});
    await expectValid();
  });
  it('changes at most two files (R10)', async () =>
    expectRefused(await cast({ ...onBob(), 'votes/a': '', 'votes/b': '' }), 'R10'));
  it('changes nothing else (R11)', async () => expectRefused(await cast({ ...onBob(), 'profile.vcf': '' }), 'R11'));
  it('is one vote (R12)', async () =>
    expectRefused(await cast({ ...onBob(), ...vote(alice, 'ban', `invited/${carol.account}`) }), 'R12'));
  it('is an admin’s (R13)', async () =>
    expectRefused(await cast(vote(bob, 'ban', `admins/${alice.account}`), bob), 'R13'));
  it('is named after its target (R14)', async () =>
    expectRefused(await cast(vote(alice, 'ban', 'members/bob')), 'R14'));
  it('is cast in one’s own name (R14)', async () =>
    expectRefused(await cast(vote(bob, 'ban', `members/${bob.account}`)), 'R14'));
  it('is on a ban or its end (R15)', async () =>
    expectRefused(await cast(vote(alice, 'promote', `members/${bob.account}`)), 'R15'));
  it('is cast once (R16)', async () => {
    await cast(onBob());
    const undone = Object.fromEntries(Object.keys(onBob()).map((path) => [path, undefined]));
    await expectRefused(await cast(undone), 'R16');
  });
  it('is empty (R17)', async () =>
    expectRefused(await cast({ [`votes/ban/members/${bob.account}/${alice.account}`]: 'x' }), 'R17'));
  it('is not on oneself (R18)', async () =>
    expectRefused(await cast(vote(alice, 'ban', `admins/${alice.account}`)), 'R18'));
  it('is on somebody who is there (R18)', async () =>
    expectRefused(await cast(vote(alice, 'ban', `members/${NOBODY}`)), 'R18'));
  it('is not on the own device (R19)', async () =>
    expectRefused(await cast(vote(alice, 'ban', `devices/${alice.device}`)), 'R19'));
  it('is on a device that is there (R19)', async () =>
    expectRefused(await cast(vote(alice, 'ban', `devices/${carol.device}`)), 'R19'));
});

describe('a ban', () => {
  const resolve = (files: object, { by = alice, uri = `${bob.account}`, action = 'ban' } = {}) =>
    forge.commit({ by, says: member(action, uri), files: { ...files } });
  const move = () => ({
    [`votes/ban/members/${bob.account}/${alice.account}`]: undefined,
    [`members/${bob.account}.crt`]: undefined,
    [`banned/members/${bob.account}.crt`]: certificate(bob),
  });
  const castVote = () =>
    forge.commit({
      by: alice,
      says: { type: 'vote', uri: bob.account },
      files: vote(alice, 'ban', `members/${bob.account}`),
    });

  it('holds: who is banned says no more (V3), and is a member again after its end', async () => {
    await ban(bob);
    await expectRefused(await forge.say(bob, 'hello?'), 'V3');
  });

  it('ends by a vote', async () => {
    const path = `members/${bob.account}`;
    await ban(bob);
    await forge.commit({ by: alice, says: { type: 'vote', uri: bob.account }, files: vote(alice, 'unban', path) });
    const files = {
      [`votes/unban/${path}/${alice.account}`]: undefined,
      [`banned/${path}.crt`]: undefined,
      [`${path}.crt`]: certificate(bob),
    };
    await resolve(files, { action: 'unban' });
    await forge.say(bob, 'thank you');
    await expectValid();
  });

  it('can be of one device', async () => {
    const path = `devices/${bob.device}`;
    await forge.commit({ by: alice, says: { type: 'vote', uri: bob.device }, files: vote(alice, 'ban', path) });
    const files = {
      [`votes/ban/${path}/${alice.account}`]: undefined,
      [`${path}.crt`]: undefined,
      [`banned/${path}.crt`]: deviceFiles(bob)[`${path}.crt`],
    };
    await resolve(files, { uri: bob.device });
    await expectValid();
    await expectRefused(await forge.say(bob, 'hello?'), 'V1');
  });

  it('changes nothing else (R35)', async () => {
    await castVote();
    await expectRefused(await resolve({ ...move(), 'profile.vcf': 'x' }), 'R35');
  });
  it('is of its target (R36)', async () => {
    await castVote();
    await expectRefused(await resolve(move(), { uri: carol.account }), 'R35');
    forge.rewindTo(forge.read(forge.head).parents[0] ?? forge.head);
    const banned = { [`banned/members/${carol.account}.crt`]: certificate(carol) };
    await expectRefused(await resolve(banned), 'R36');
  });
  it('touches nobody else’s device (R37)', async () => {
    await castVote();
    await forge.join(carol);
    await expectRefused(await resolve({ ...move(), [`devices/${carol.device}.crt`]: undefined }), 'R37');
  });
  it('is resolved by an admin (R38)', async () => {
    await castVote();
    await forge.join(carol);
    await expectRefused(await resolve(move(), { by: carol }), 'R38');
  });
  it('has votes (R39)', async () => {
    const { [`votes/ban/members/${bob.account}/${alice.account}`]: _, ...rest } = move();
    await expectRefused(await resolve(rest), 'R39');
  });
  it('moves the target’s file, unchanged (R40)', async () => {
    await castVote();
    await expectRefused(await resolve({ ...move(), [`banned/members/${bob.account}.crt`]: certificate(carol) }), 'R40');
  });
  it('moves it away (R40)', async () => {
    await castVote();
    const { [`members/${bob.account}.crt`]: _, ...rest } = move();
    await expectRefused(await resolve(rest), 'R40');
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
    const { keys } = await import('../../support/accounts.ts').then(({ wholeTestAccount }) => wholeTestAccount('bob'));
    const renewed = await renew(keys);
    await forge.say(bob, 'renewed', { [`members/${bob.account}.crt`]: renewed });
    await expectValid();
  });

  it('does not renew them with somebody else’s (R49)', async () => {
    const commit = await forge.say(bob, 'renewed', { [`members/${bob.account}.crt`]: certificate(carol) });
    const found = await problems();
    expect(found).toContainEqual(expect.objectContaining({ commit, rule: 'R49' }));
  });
});

async function renew(keys: {
  authority: DeviceKeys['chain']['device']['publicKey'];
  account: DeviceKeys['chain']['device']['publicKey'];
  device: DeviceKeys['chain']['device']['publicKey'];
}): Promise<string> {
  const { createAccount } = await import('../../../src/identity/create-account.ts');
  const { testRandom } = await import('../../support/accounts.ts');
  const chain = await createAccount({ keys, now: TEST_NOW + 1000, random: testRandom });
  return chain.account.pem + chain.authority.pem;
}

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

describe('the table of rules', () => {
  it('has a refused commit here for every rule but those that are shown elsewhere', () => {
    const elsewhere: Rule[] = ['MERGE', 'V2', 'V5'];
    const missing = Object.keys(RULES).filter((rule) => !tried.has(rule as Rule) && !elsewhere.includes(rule as Rule));
    expect(missing).toEqual([]);
  });
});
