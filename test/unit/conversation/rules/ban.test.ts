import { beforeEach, describe, it } from 'vitest';
import { deviceFiles, type Forge } from '../../../support/conversation/forge.ts';
import {
  ban,
  certificate,
  foundGroup,
  groupPeople,
  judging,
  member,
  NOBODY,
  vote,
} from '../../../support/conversation/judged-group.ts';

const { alice, bob, carol } = await groupPeople();
let forge: Forge;
beforeEach(async () => {
  ({ forge } = await foundGroup());
});
const { expectRefused, expectValid } = judging(() => forge);

const group = () => ({ alice, bob, carol, forge });

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

  it('holds: who is banned says no more (V3)', async () => {
    await ban(group(), bob);
    await expectRefused(await forge.say(bob, 'hello?'), 'V3');
  });

  it('ends by a vote', async () => {
    const path = `members/${bob.account}`;
    await ban(group(), bob);
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
  it('adds no vote where it uses votes up (R36)', async () => {
    await castVote();
    await expectRefused(await resolve({ ...move(), ...vote(carol, 'ban', `members/${bob.account}`) }), 'R36');
  });
  it('uses up no vote for its end (R36)', async () => {
    await castVote();
    const forItsEnd = vote(alice, 'unban', `members/${bob.account}`);
    await forge.commit({ by: alice, says: { type: 'vote', uri: bob.account }, files: forItsEnd });
    const usedUp = Object.fromEntries(Object.keys(forItsEnd).map((path) => [path, undefined]));
    await expectRefused(await resolve({ ...move(), ...usedUp }), 'R36');
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
  it('moves nothing else (R40)', async () => {
    const path = `invited/${carol.account}`;
    await forge.commit({ by: alice, says: { type: 'vote', uri: carol.account }, files: vote(alice, 'ban', path) });
    const files = {
      [`votes/ban/${path}/${alice.account}`]: undefined,
      [path]: undefined,
      [`banned/${path}`]: '',
      [`banned/members/${carol.account}.crt`]: certificate(carol),
    };
    await expectRefused(await resolve(files, { uri: carol.account }), 'R40');
  });
  it('ends with the file where it was before (R40)', async () => {
    const path = `members/${bob.account}`;
    await ban(group(), bob);
    await forge.commit({ by: alice, says: { type: 'vote', uri: bob.account }, files: vote(alice, 'unban', path) });
    const files = { [`votes/unban/${path}/${alice.account}`]: undefined, [`banned/${path}.crt`]: undefined };
    await expectRefused(await resolve(files, { action: 'unban' }), 'R40');
  });
});
