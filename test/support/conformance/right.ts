/** Histories in which nothing is wrong. */
import { adminFiles, deviceFiles, type Files } from '../conversation/forge.ts';
import { ban, leave, member, NOBODY, text, unban, vote, voteAndResolve } from '../conversation/judged-group.ts';
import {
  announcement,
  attachment,
  bannedAndThere,
  type Cast,
  CHECKPOINT,
  forkOf,
  joinsInTime,
  PROFILE,
  profile,
  renewedCertificate,
  revocations,
  type Told,
  UPDATE,
} from './cast.ts';

export function rightOnes(cast: Cast): readonly Told[] {
  const { forge, alice, bob, carol, tablet, old, stale, group, pair, document, at } = cast;
  const announced = () => forge.commit({ by: bob, says: announcement });
  const fromTablet = (files: Files) => ({ ...files, ...deviceFiles(tablet) });
  return [
    ['a-group', at(group), () => forge.join(carol)],
    ['one-to-one', at(pair), () => forge.say(bob, 'hello')],
    ['document', at(document), () => forge.commit({ by: alice, says: CHECKPOINT, files: attachment(forge, 'state') })],
    ['ban-and-unban', at(group), () => ban(cast, bob), () => unban(cast, bob), () => forge.say(bob, 'thank you')],
    [
      'ban-of-a-device',
      at(group),
      () => forge.say(tablet, 'hi', deviceFiles(tablet)),
      () => ban(cast, tablet, 'devices'),
    ],
    [
      'revoked-below-another',
      at(group),
      () => forge.say(tablet, 'hi', deviceFiles(tablet)),
      () => forge.say(bob, 'I saw that'),
    ],
    ['leave', at(group), () => leave(cast, bob)],
    ['edit', at(group), async () => forge.commit({ by: bob, says: { ...text, edit: await forge.say(bob, 'old') } })],
    [
      'revocations-told-and-taken-away',
      at(group),
      () =>
        forge.commit({
          by: alice,
          says: { type: 'initial', mode: 2 },
          files: { ...adminFiles(alice), ...revocations(alice) },
          on: [],
        }),
      () => forge.invite(alice, bob),
      () => forge.join(bob),
      () =>
        forge.commit({
          by: bob,
          says: member('add', NOBODY),
          files: { [`invited/${NOBODY}`]: '', ...revocations(bob) },
        }),
      () => leave(cast, bob, { [`CRLs/${bob.account}`]: undefined }),
    ],
    ['an-empty-edit', at(group), () => forge.commit({ by: bob, says: { ...text, edit: '' } })],
    ['a-mode-that-is-a-number', at(group), () => forge.commit({ by: bob, says: { ...text, mode: 2 } })],
    [
      'a-file-taken-back',
      at(group),
      async () => forge.commit({ by: bob, says: { ...announcement, tid: '', edit: await announced() } }),
    ],
    [
      'a-document-renamed',
      at(group),
      async () => {
        const says = { type: 'application/collab-doc+json', body: 'old' };
        return forge.commit({ by: bob, says: { ...says, edit: await forge.commit({ by: bob, says }) } });
      },
    ],
    [
      'certificates-renewed',
      at(group),
      async () => forge.say(bob, 'renewed', { [`members/${bob.account}.crt`]: await renewedCertificate('bob') }),
      async () => forge.say(alice, 'renewed', { [`admins/${alice.account}.crt`]: await renewedCertificate('alice') }),
    ],
    [
      'profile-by-a-new-device',
      at(group),
      () => forge.commit({ by: tablet, says: UPDATE, files: fromTablet(PROFILE) }),
    ],
    [
      'document-by-a-new-device',
      at(document),
      () => forge.commit({ by: tablet, says: CHECKPOINT, files: fromTablet(attachment(forge, 'state')) }),
    ],
    [
      'the-last-second-of-a-device',
      at(group),
      () => joinsInTime(cast),
      () => forge.commit({ by: old, says: text, seconds: old.chain.device.notAfter / 1000 }),
    ],
    [
      'the-last-second-of-an-account',
      () =>
        forge.commit({
          ...{ by: stale, says: { type: 'initial', mode: 2 }, files: adminFiles(stale), on: [] },
          seconds: stale.chain.account.notAfter / 1000,
        }),
    ],
    ['revoked-and-founded', () => forge.found(tablet)],
    ['empty-vote', at(group), () => forge.commit({ by: bob, says: { type: 'vote', uri: NOBODY } })],
    ['unknown-type', at(group), () => forge.commit({ by: bob, says: { type: 'application/from-the-future' } })],
    ['profiles-merged', at(group), () => forkOf(cast, [() => profile(cast, 'one'), () => profile(cast, 'other')])],
    ['profiles-merged-criss-cross', at(group), () => crissCross(cast)],
    ['written-beside-a-ban', at(group), () => forkOf(cast, [() => ban(cast, bob), () => forge.say(bob, 'still here')])],
    [
      'joined-beside-a-ban',
      at(group),
      () => forkOf(cast, [() => ban(cast, carol, 'invited'), () => forge.join(carol)]),
    ],
  ];
}

/** Who comes, goes, is banned and let in again. */
export function rightMembers(cast: Cast): readonly Told[] {
  const { forge, alice, bob, dave, tablet, group, pair, at } = cast;
  const bringTablet = () => forge.say(tablet, 'hi', deviceFiles(tablet));
  const bobsDevice = `devices/${bob.device}.crt`;
  return [
    [
      'one-to-one-invited-again',
      at(pair),
      () => leave(cast, bob),
      () => forge.invite(alice, bob),
      () => forge.join(bob),
    ],
    [
      'added-with-three-files',
      at(group),
      () =>
        forge.commit({
          by: tablet,
          says: member('add', NOBODY),
          files: { [`invited/${NOBODY}`]: '', ...deviceFiles(tablet), ...revocations(alice) },
        }),
    ],
    [
      'an-invited-admin-leaves',
      at(group),
      () => forge.invite(bob, alice),
      () => forge.join(alice),
      () => forge.invite(bob, alice),
      () => leave(cast, alice, { [`admins/${alice.account}.crt`]: undefined, [`invited/${alice.account}`]: undefined }),
    ],
    [
      'device-let-in-again',
      at(group),
      bringTablet,
      () => ban(cast, tablet, 'devices'),
      () => unban(cast, tablet, 'devices'),
    ],
    [
      'vote-for-the-end-of-no-ban',
      at(group),
      bringTablet,
      () =>
        forge.commit({
          by: alice,
          says: { type: 'vote', uri: tablet.device },
          files: vote(alice, 'unban', `devices/${tablet.device}`),
        }),
    ],
    [
      'banned-with-device-and-revocations',
      at(group),
      () =>
        forge.commit({
          by: bob,
          says: member('add', NOBODY),
          files: { [`invited/${NOBODY}`]: '', ...revocations(bob) },
        }),
      () =>
        voteAndResolve(cast, {
          action: 'ban',
          who: bob,
          more: { [bobsDevice]: undefined, [`CRLs/${bob.account}`]: undefined },
        }),
      () => voteAndResolve(cast, { action: 'unban', who: bob, more: deviceFiles(bob) }),
    ],
    [
      'banned-by-a-new-device',
      at(group),
      () => voteAndResolve(cast, { action: 'ban', who: bob, by: tablet, more: deviceFiles(tablet) }),
    ],
    ['let-in-again-who-is-there', at(group), () => bannedAndThere(cast), () => unban(cast, dave)],
    [
      'renewed-beside-a-ban',
      at(group),
      async () => {
        const files = { [`members/${bob.account}.crt`]: await renewedCertificate('bob') };
        return forkOf(cast, [() => ban(cast, bob), () => forge.say(bob, 'renewed', files)]);
      },
    ],
    [
      'renewed-twice-at-once',
      at(group),
      async () => {
        const path = `members/${bob.account}.crt`;
        const renew = async (seconds: number) =>
          forge.say(bob, 'renewed', { [path]: await renewedCertificate('bob', seconds) });
        return forkOf(cast, [() => renew(1), () => renew(2)]);
      },
    ],
  ];
}

/** Two heads with a profile each, merged by two members at once, and these two merges once more. */
async function crissCross(cast: Cast) {
  const { forge, alice, bob } = cast;
  const base = forge.head;
  const one = await profile(cast, 'one');
  forge.rewindTo(base);
  const other = await profile(cast, 'other');
  const merges = [await forge.merge(alice, [one, other]), await forge.merge(bob, [other, one])] as const;
  return forge.merge(alice, merges);
}
