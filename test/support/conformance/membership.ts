/** Histories that break a rule of votes and of members. */
import type { DeviceKeys } from '../../../src/identity/identity.ts';
import { deviceFiles, type Files, memberFiles } from '../conversation/forge.ts';
import { ban, certificate, leave, member, NOBODY, vote } from '../conversation/judged-group.ts';
import { type Broken, type Cast, PROFILE, README, renewedCertificate, revocations } from './cast.ts';

export function voteOnes(whole: Cast): Broken {
  const { forge, alice, bob, carol, tablet } = whole;
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
      ['one-folder-deeper', () => cast({ [`${path}/again`]: '' })],
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
      [
        'on-a-device-that-is-banned',
        () => forge.say(tablet, 'hi', deviceFiles(tablet)),
        () => ban(whole, tablet, 'devices'),
        () => cast(vote(alice, 'ban', `devices/${tablet.device}`)),
      ],
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
  /** An admin may be invited, and then has two files. */
  const adminJoins = async (file: Files[string]) => {
    await add(alice.account, { [`invited/${alice.account}`]: '' });
    return join(alice, { [`invited/${alice.account}`]: undefined, [`members/${alice.account}.crt`]: file });
  };
  return {
    R20: [
      ['a-link', () => add(`jami:${NOBODY}`, {})],
      ['nobody', () => add('0'.repeat(40), {})],
      ['a-ban-of-a-link', () => forge.commit({ by: alice, says: member('ban', `jami:${NOBODY}`) })],
      ['a-device-is-added', () => add(bob.device, { [`invited/${bob.device}`]: '' })],
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
      ['written-over', () => join(carol, { ...memberFiles(carol), [`invited/${carol.account}`]: 'used' })],
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
      [
        'written-over',
        async () => {
          await add(bob.account, { [`invited/${bob.account}`]: '' }, alice);
          const files = { [`members/${bob.account}.crt`]: await renewedCertificate('bob') };
          return join(bob, { [`invited/${bob.account}`]: undefined, ...files });
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
      ['an-admin-with-anothers-file', () => adminJoins(certificate(carol))],
      ['an-admin-with-no-certificate', () => adminJoins('no certificate')],
      ['an-admin-by-anothers-authority', () => adminJoins(alice.chain.account.pem + bob.chain.authority.pem)],
    ],
  };
}

export function goingOnes(cast: Cast): Broken {
  const { forge, alice, bob, carol } = cast;
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
      ['with-anothers-invitation', () => remove({ ...gone(bob), [`invited/${carol.account}`]: undefined })],
      ['an-admin-that-stays', () => leave(cast, alice)],
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
