import { describe, it } from 'vitest';
import type { Intent } from '../../../../src/conversation/decisions/decide.ts';
import { AccountUri, type DeviceId } from '../../../../src/ids.ts';
import {
  admin,
  device,
  given,
  me,
  other,
  otherDevice,
  refused,
  stranger,
} from '../../../support/conversation/decided.ts';
import { blobOf } from '../../../support/git/trees.ts';

describe('voting', () => {
  const third = stranger;
  const three = { ...admin, [`admins/${other}.crt`]: 'OTHER', [`admins/${third}.crt`]: 'THIRD' };
  const guest = AccountUri.parse('f'.repeat(40));
  const ballot = (
    kind: 'cast-vote' | 'resolve-vote',
    action: 'ban' | 'unban',
    target: AccountUri | DeviceId,
  ): Intent => ({
    ...{ kind, action, target },
  });
  const votes = (path: string, ...voters: AccountUri[]) =>
    Object.fromEntries(voters.map((voter) => [`votes/${path}/${voter}`, '']));

  it.each([
    ['an admin', `admins/${other}.crt`, other],
    ['a member', `members/${guest}.crt`, guest],
    ['an invited one', `invited/${guest}`, guest],
    ['a device', `devices/${otherDevice}.crt`, otherDevice],
  ])('puts an empty file named after the voter where it is about %s', (_, path, target) => {
    const place = path.replace('.crt', '');
    given({ ...admin, [path]: 'FILE' })
      .when(ballot('cast-vote', 'ban', target))
      .gives({ event: { kind: 'vote-cast', uri: target }, edits: [{ path: `votes/ban/${place}/${me}`, content: '' }] });
    given({ ...admin, [`banned/${path}`]: 'FILE' })
      .when(ballot('cast-vote', 'unban', target))
      .gives({
        event: { kind: 'vote-cast', uri: target },
        edits: [{ path: `votes/unban/${place}/${me}`, content: '' }],
      });
  });

  it.each([
    ['a member', { [`members/${me}.crt`]: '' }, guest, 'ban', 'not-an-admin'],
    ['who has left', {}, guest, 'ban', 'not-a-member'],
    ['an admin on themselves', admin, me, 'ban', 'own-ban'],
    ['a device on itself', admin, device, 'ban', 'own-ban'],
    ['on nobody', admin, guest, 'ban', 'not-here'],
    ['on a ban that is none', { ...admin, [`members/${guest}.crt`]: '' }, guest, 'unban', 'not-banned'],
    ['on a device’s ban that is none', admin, otherDevice, 'unban', 'not-banned'],
    [
      'twice',
      { ...admin, [`members/${guest}.crt`]: '', [`votes/ban/members/${guest}/${me}`]: '' },
      guest,
      'ban',
      'already-voted',
    ],
  ] as const)('is not for %s', (...[, files, target, action, reason]) => {
    given(files)
      .when(ballot('cast-vote', action, target))
      .gives(refused(reason));
  });

  it('is carried by more than half of the admins, not by half', () => {
    const path = `members/${guest}`;
    const here = { ...three, [`${path}.crt`]: 'GUEST' };
    given({ ...here, ...votes(`ban/${path}`, me) })
      .when(ballot('resolve-vote', 'ban', guest))
      .gives(refused('votes-missing'));
    const { [`admins/${third}.crt`]: _, ...two } = here;
    given({ ...two, ...votes(`ban/${path}`, me, third) })
      .when(ballot('resolve-vote', 'ban', guest))
      .gives(refused('votes-missing'));
    given({ ...here, ...votes(`ban/${path}`, other, third, guest) })
      .when(ballot('resolve-vote', 'ban', guest))
      .gives({
        event: { kind: 'member-banned', uri: guest },
        edits: [
          ...[other, third, guest]
            .toSorted()
            .map((voter) => ({ path: `votes/ban/${path}/${voter}`, content: undefined })),
          { path: `${path}.crt`, content: undefined },
          { path: `banned/${path}.crt`, blob: blobOf('GUEST') },
        ],
      });
  });

  it('lets in again who was banned, as what they were', () =>
    given({ ...admin, [`banned/members/${guest}.crt`]: 'GUEST', ...votes(`unban/members/${guest}`, me) })
      .when(ballot('resolve-vote', 'unban', guest))
      .gives({
        event: { kind: 'member-unbanned', uri: guest },
        edits: [
          { path: `votes/unban/members/${guest}/${me}`, content: undefined },
          { path: `banned/members/${guest}.crt`, content: undefined },
          { path: `members/${guest}.crt`, blob: blobOf('GUEST') },
        ],
      }));

  it('leaves the file of who joined while being banned where it is', () =>
    given({
      ...admin,
      [`banned/members/${guest}.crt`]: 'OLD',
      [`members/${guest}.crt`]: 'NEW',
      ...votes(`unban/members/${guest}`, me),
    })
      .when(ballot('resolve-vote', 'unban', guest))
      .gives({
        event: { kind: 'member-unbanned', uri: guest },
        edits: [
          { path: `votes/unban/members/${guest}/${me}`, content: undefined },
          { path: `banned/members/${guest}.crt`, content: undefined },
        ],
      }));
});
