/** Histories that break a rule of votes, members and bans. */
import type { DeviceKeys } from '../../src/identity/identity.ts';
import { type Broken, type Cast, PROFILE, README, revocations } from './conformance-cast.ts';
import { deviceFiles, type Files, memberFiles } from './forge.ts';
import { ban, certificate, member, NOBODY, text, vote } from './judged-group.ts';

export function voteOnes({ forge, alice, bob, carol, tablet }: Cast): Broken {
  const cast = (files: Files, by = alice) => forge.commit({ by, says: { type: 'vote', uri: bob.account }, files });
  const onBob = vote(alice, 'ban', `members/${bob.account}`);
  const [path = ''] = Object.keys(onBob);
  return {
    R10: [
      ['three-files', () => cast({ ...onBob, 'votes/a': '', 'votes/b': '' })],
      ['three-other-files', () => cast({ ...onBob, ...PROFILE, ...README })],
    ],
    R11: [
      ['profile', () => cast({ ...onBob, ...PROFILE })],
      ['readme', () => cast({ ...onBob, ...README })],
    ],
    R12: [
      ['two-votes', () => cast({ ...onBob, ...vote(alice, 'ban', `invited/${carol.account}`) })],
      ['only-a-device', () => cast(deviceFiles(tablet), tablet)],
    ],
    R13: [
      ['by-a-member', () => cast(vote(bob, 'ban', `admins/${alice.account}`), bob)],
      ['by-a-member-on-a-device', () => cast(vote(bob, 'ban', `devices/${alice.device}`), bob)],
    ],
    R14: [
      ['no-target', () => cast(vote(alice, 'ban', 'members/bob'))],
      ['in-anothers-name', () => cast(vote(bob, 'ban', `members/${bob.account}`))],
    ],
    R15: [
      ['promote', () => cast(vote(alice, 'promote', `members/${bob.account}`))],
      ['kick', () => cast(vote(alice, 'kick', `members/${bob.account}`))],
    ],
    R16: [
      ['taken-back', () => cast(onBob), () => cast({ [path]: undefined })],
      ['cast-again', () => cast(onBob), () => cast({ [path]: 'x' })],
    ],
    R17: [
      ['one-letter', () => cast({ [path]: 'x' })],
      ['json', () => cast({ [path]: '{}' })],
    ],
    R18: [
      ['on-oneself', () => cast(vote(alice, 'ban', `admins/${alice.account}`))],
      ['on-nobody', () => cast(vote(alice, 'ban', `members/${NOBODY}`))],
    ],
    R19: [
      ['on-the-own-device', () => cast(vote(alice, 'ban', `devices/${alice.device}`))],
      ['on-no-device', () => cast(vote(alice, 'ban', `devices/${carol.device}`))],
    ],
  };
}

export function memberOnes(cast: Cast): Broken {
  const { forge, alice, bob, carol, tablet, dave, pair, at } = cast;
  const add = (uri: string, files: Files, by = bob) => forge.commit({ by, says: member('add', uri), files });
  const invitation = { [`invited/${NOBODY}`]: '' };
  const join = (by: DeviceKeys, files: Files, uri: string = by.account) =>
    forge.commit({ by, says: member('join', uri), files });
  const used = { [`invited/${carol.account}`]: undefined };
  return {
    R20: [
      ['a-link', () => add(`jami:${NOBODY}`, {})],
      ['nobody', () => add('0'.repeat(40), {})],
    ],
    R21: [
      ['promote', () => forge.commit({ by: bob, says: member('promote', NOBODY) })],
      ['no-action', () => forge.commit({ by: bob, says: { type: 'member', uri: NOBODY } })],
    ],
    R22: [
      ['a-third', at(pair), () => add(NOBODY, invitation, alice)],
      ['a-third-by-the-second', at(pair), () => add(carol.account, { [`invited/${carol.account}`]: '' })],
    ],
    R23: [
      ['no-file', () => add(NOBODY, {})],
      ['four-files', () => add(NOBODY, { ...invitation, ...PROFILE, ...README, a: '' })],
    ],
    R24: [
      ['a-member', () => add(bob.account, { [`invited/${bob.account}`]: '' })],
      ['an-admin', () => add(alice.account, { [`invited/${alice.account}`]: '' }, alice)],
    ],
    R25: [
      ['profile', () => add(NOBODY, { ...invitation, ...PROFILE })],
      ['anothers-revocations', () => add(NOBODY, { ...invitation, ...revocations(alice) })],
      ['two-invitations', () => add(NOBODY, { ...invitation, [`invited/${dave.account}`]: '' })],
    ],
    R26: [
      ['only-a-device', () => add(NOBODY, deviceFiles(tablet), tablet)],
      ['taken-back', () => add(carol.account, used)],
    ],
    R27: [
      ['one-letter', () => add(NOBODY, { [`invited/${NOBODY}`]: 'x' })],
      ['a-certificate', () => add(dave.account, { [`invited/${dave.account}`]: certificate(dave) })],
    ],
    R28: [
      ['banned-member', () => ban(cast, bob), () => add(bob.account, { [`invited/${bob.account}`]: '' }, alice)],
      [
        'banned-guest',
        () => ban(cast, carol, 'invited'),
        () => add(carol.account, { [`invited/${carol.account}`]: '' }),
      ],
    ],
    R29: [
      ['profile', () => join(carol, { ...used, ...memberFiles(carol), ...PROFILE })],
      [
        'anothers-file',
        () => join(carol, { ...used, ...memberFiles(carol), [`members/${bob.account}.crt`]: undefined }),
      ],
    ],
    R30: [
      ['not-used-up', () => join(carol, memberFiles(carol))],
      ['not-invited', () => join(dave, memberFiles(dave))],
    ],
    R31: [
      ['no-file', () => join(carol, { ...used, ...deviceFiles(carol) })],
      [
        'there-before',
        async () => {
          await add(bob.account, { [`invited/${bob.account}`]: '' }, alice);
          return join(bob, { [`invited/${bob.account}`]: undefined });
        },
      ],
    ],
    R32: [
      [
        'by-a-member',
        () => join(bob, { ...used, [`members/${carol.account}.crt`]: certificate(carol) }, carol.account),
      ],
      [
        'by-the-admin',
        () => join(alice, { ...used, [`members/${carol.account}.crt`]: certificate(carol) }, carol.account),
      ],
      [
        'an-admin-with-anothers-file',
        async () => {
          await add(alice.account, { [`invited/${alice.account}`]: '' });
          const files = {
            [`invited/${alice.account}`]: undefined,
            [`members/${alice.account}.crt`]: certificate(carol),
          };
          return join(alice, files);
        },
      ],
    ],
  };
}

export function goingOnes({ forge, alice, bob, carol }: Cast): Broken {
  const gone = (who: DeviceKeys) => ({
    [`members/${who.account}.crt`]: undefined,
    [`devices/${who.device}.crt`]: undefined,
  });
  const remove = (files: Files, by = bob) => forge.commit({ by, says: member('remove', bob.account), files });
  return {
    R33: [
      ['by-another', () => remove(gone(bob), alice)],
      ['with-a-new-file', () => remove({ ...gone(bob), ...PROFILE })],
      ['with-new-revocations', () => remove({ ...gone(bob), ...revocations(bob) })],
      ['with-nothing-taken-away', () => remove({})],
      ['with-only-the-device-taken-away', () => remove({ [`devices/${bob.device}.crt`]: undefined })],
    ],
    R34: [
      ['with-the-admins-device', () => remove({ ...gone(bob), [`devices/${alice.device}.crt`]: undefined })],
      [
        'with-a-members-device',
        async () => {
          await forge.join(carol);
          return remove({ ...gone(bob), [`devices/${carol.device}.crt`]: undefined });
        },
      ],
    ],
  };
}

export function banOnes(cast: Cast): Broken {
  const { forge, alice, bob, carol } = cast;
  const place = `members/${bob.account}`;
  const voted = async (path = place) =>
    void (await forge.commit({ by: alice, says: { type: 'vote', uri: bob.account }, files: vote(alice, 'ban', path) }));
  const spent = { [`votes/ban/${place}/${alice.account}`]: undefined };
  const moved = { [`${place}.crt`]: undefined, [`banned/${place}.crt`]: certificate(bob) };
  const resolve = (files: Files, by = alice, uri: string = bob.account) =>
    forge.commit({ by, says: member('ban', uri), files });
  const after =
    (files: Files, by = alice) =>
    async () => {
      await voted();
      return resolve(files, by);
    };
  return {
    R35: [
      ['profile', after({ ...spent, ...moved, ...PROFILE })],
      ['readme', after({ ...spent, ...moved, ...README })],
    ],
    R36: [
      ['of-another', after({ ...spent, ...moved, [`banned/members/${carol.account}.crt`]: certificate(carol) })],
      ['with-another-vote', after({ ...spent, ...moved, [`votes/unban/${place}/${alice.account}`]: '' })],
    ],
    R37: [
      [
        'anothers-device-removed',
        async () => {
          await forge.join(carol);
          await voted();
          return resolve({ ...spent, ...moved, [`devices/${carol.device}.crt`]: undefined });
        },
      ],
      ['a-device-added', after({ ...spent, ...moved, ...deviceFiles(carol) })],
    ],
    R38: [
      ['by-the-target', after({ ...spent, ...moved }, bob)],
      [
        'by-a-member',
        async () => {
          await forge.join(carol);
          await voted();
          return resolve({ ...spent, ...moved }, carol);
        },
      ],
    ],
    R39: [
      ['no-vote', () => resolve(moved)],
      [
        'a-vote-on-something-else',
        async () => {
          await voted(`invited/${bob.account}`);
          return resolve({ ...moved, [`votes/ban/invited/${bob.account}/${alice.account}`]: undefined });
        },
      ],
    ],
    R40: [
      ['another-file', after({ ...spent, ...moved, [`banned/${place}.crt`]: certificate(carol) })],
      ['not-moved-away', after({ ...spent, [`banned/${place}.crt`]: certificate(bob) })],
      ['nothing-moved', after(spent)],
    ],
    V3: [
      ['a-stranger', () => forge.commit({ by: carol, says: text, files: deviceFiles(carol) })],
      ['a-banned-member', () => ban(cast, bob), () => forge.say(bob, 'hello?')],
    ],
  };
}
