/** Histories that break a rule of bans and of their ends. */
import { deviceFiles, type Files } from '../conversation/forge.ts';
import { ban, certificate, member, vote, voteAndResolve } from '../conversation/judged-group.ts';
import { type Broken, bannedAndThere, type Cast, PROFILE, README, renewedCertificate } from './cast.ts';

export function banOnes(cast: Cast): Broken {
  const { forge, alice, bob, carol, dave } = cast;
  const invitation = `invited/${bob.account}`;
  const place = `members/${bob.account}`;
  const voted = async (path = place, action = 'ban') =>
    void (await forge.commit({
      by: alice,
      says: { type: 'vote', uri: bob.account },
      files: vote(alice, action, path),
    }));
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
  const invitedAgain = async (files: Files) => {
    await forge.invite(alice, bob);
    await voted();
    return resolve(files);
  };
  return {
    R35: [
      ['profile', after({ ...spent, ...moved, ...PROFILE })],
      ['readme', after({ ...spent, ...moved, ...README })],
      ['a-folder-named-as-a-device', after({ ...spent, ...moved, [`devices/${carol.device}.crt/x`]: '' })],
      ['a-name-with-more-before-it', after({ ...spent, ...moved, [`banned/members/old-${bob.account}.crt`]: '' })],
      ['a-name-with-more-behind-it', after({ ...spent, ...moved, [`banned/${place}.crt.old`]: '' })],
    ],
    R36: [
      ['of-another', after({ ...spent, ...moved, [`banned/members/${carol.account}.crt`]: certificate(carol) })],
      ['with-another-vote', after({ ...spent, ...moved, [`votes/unban/${place}/${alice.account}`]: '' })],
      ['with-a-new-vote', () => resolve({ ...moved, ...vote(alice, 'ban', place) })],
      [
        'with-the-vote-for-its-end',
        async () => {
          await voted(place, 'unban');
          return after({ ...spent, ...moved, [`votes/unban/${place}/${alice.account}`]: undefined })();
        },
      ],
      [
        'with-a-vote-on-another',
        async () => {
          await voted(`invited/${carol.account}`);
          return after({ ...spent, ...moved, [`votes/ban/invited/${carol.account}/${alice.account}`]: undefined })();
        },
      ],
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
      [
        'anothers-device-let-in',
        () => ban(cast, bob),
        () => voteAndResolve(cast, { action: 'unban', who: bob, more: deviceFiles(carol) }),
      ],
      [
        'its-device-taken-as-it-is-let-in',
        () => ban(cast, bob),
        () => voteAndResolve(cast, { action: 'unban', who: bob, more: { [`devices/${bob.device}.crt`]: undefined } }),
      ],
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
      ['moved-twice', after({ ...spent, ...moved, [`banned/invited/${bob.account}`]: '' })],
      [
        'banned-twice-and-moved-once',
        async () => {
          const onInvitation = `votes/ban/invited/${bob.account}/${alice.account}`;
          const files = { [invitation]: undefined, [`banned/invited/${bob.account}`]: '', [onInvitation]: undefined };
          await voted(`invited/${bob.account}`);
          return invitedAgain({ ...files, [`banned/${place}.crt`]: certificate(bob) });
        },
      ],
      ['written-over-where-it-was', after({ ...spent, ...moved, [`${place}.crt`]: certificate(alice) })],
      ['the-invitation-goes-as-well', async () => invitedAgain({ [invitation]: undefined, ...spent, ...moved })],
      [
        'the-membership-goes-as-well',
        async () => {
          const onInvitation = `votes/ban/invited/${bob.account}/${alice.account}`;
          const files = { [invitation]: undefined, [`banned/invited/${bob.account}`]: '', [onInvitation]: undefined };
          await voted(`invited/${bob.account}`);
          return invitedAgain({ ...files, [`${place}.crt`]: undefined });
        },
      ],
      [
        'not-given-back',
        () => ban(cast, bob),
        () => voteAndResolve(cast, { action: 'unban', who: bob, more: { [`${place}.crt`]: undefined } }),
      ],
      [
        'written-over-as-it-is-given-back',
        () => bannedAndThere(cast),
        () =>
          voteAndResolve(cast, {
            action: 'unban',
            who: dave,
            more: { [`members/${dave.account}.crt`]: certificate(bob) },
          }),
      ],
      [
        'moved-over-what-was-banned-before',
        async () => {
          const renewed = await renewedCertificate('dave');
          await bannedAndThere(cast, { [`members/${dave.account}.crt`]: renewed });
          return voteAndResolve(cast, {
            action: 'ban',
            who: dave,
            more: { [`banned/members/${dave.account}.crt`]: renewed },
          });
        },
      ],
    ],
  };
}
