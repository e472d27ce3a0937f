import { describe, expect, it } from 'vitest';
import { create } from '../../../../src/conversation/decisions/create.ts';
import type { Intent } from '../../../../src/conversation/decisions/decide.ts';
import type { AccountUri } from '../../../../src/ids.ts';
import {
  admin,
  device,
  given,
  me,
  other,
  otherDevice,
  refused,
  self,
  stranger,
} from '../../../support/conversation/decided.ts';

describe('creating', () => {
  it('makes the founder an admin', () => {
    expect(create(self, { mode: 'invites-only' })).toEqual({
      event: { kind: 'conversation-created', mode: 'invites-only' },
      edits: [
        { path: `admins/${me}.crt`, content: 'ACCOUNT' },
        { path: `devices/${device}.crt`, content: 'DEVICE' },
      ],
    });
  });

  it('invites the other one of a conversation between two', () => {
    const decision = create(self, { mode: 'one-to-one', invited: other });
    expect(decision).toMatchObject({ event: { mode: 'one-to-one', invited: other } });
    expect(decision).toHaveProperty('edits.2', { path: `invited/${other}`, content: '' });
  });
});

describe('inviting', () => {
  const invite = (uri: AccountUri): Intent => ({ kind: 'invite-member', uri });
  it('makes an empty invitation', () =>
    given(admin)
      .when(invite(stranger))
      .gives({
        event: { kind: 'member-added', uri: stranger },
        edits: [{ path: `invited/${stranger}`, content: '' }],
      }));
  it('is not of oneself', () => given(admin).when(invite(me)).gives(refused('own-invitation')));
  it('is done once', () =>
    given({ ...admin, [`invited/${other}`]: '' })
      .when(invite(other))
      .gives(refused('already-invited')));
  it('is not of a member', () =>
    given({ ...admin, [`members/${other}.crt`]: '' })
      .when(invite(other))
      .gives(refused('already-a-member')));
  it('lifts no ban', () =>
    given({ ...admin, [`banned/admins/${other}.crt`]: '' })
      .when(invite(other))
      .gives(refused('banned')));
  it('brings nobody third into a conversation between two', () =>
    given(admin, 'one-to-one').when(invite(stranger)).gives(refused('not-one-of-the-two')));
  it('is left to admins where the mode says so', () => {
    given({ [`members/${me}.crt`]: '', [`devices/${device}.crt`]: '' }, 'admin-invites-only')
      .when(invite(stranger))
      .gives(refused('not-an-admin'));
    given(admin, 'admin-invites-only')
      .when(invite(stranger))
      .gives(expect.objectContaining({ event: { kind: 'member-added', uri: stranger } }));
  });
  it('brings the other one back who has left', () =>
    given(admin, 'one-to-one')
      .when(invite(other))
      .gives({ event: { kind: 'member-added', uri: other }, edits: [{ path: `invited/${other}`, content: '' }] }));
});

describe('joining', () => {
  const join: Intent = { kind: 'join-conversation' };
  it('uses the invitation up', () =>
    given({ [`invited/${me}`]: '' })
      .when(join)
      .gives({
        event: { kind: 'member-joined', uri: me },
        edits: [
          { path: `invited/${me}`, content: undefined },
          { path: `members/${me}.crt`, content: 'ACCOUNT' },
          { path: `devices/${device}.crt`, content: 'DEVICE' },
        ],
      }));
  it('needs an invitation', () =>
    given({ [`admins/${other}.crt`]: '' })
      .when(join)
      .gives(refused('not-invited')));
  it('is done once', () => given(admin).when(join).gives(refused('already-a-member')));
  it('is not for the banned', () =>
    given({ [`banned/members/${me}.crt`]: '' })
      .when(join)
      .gives(refused('banned')));
});

describe('leaving', () => {
  const leave: Intent = { kind: 'leave-conversation' };
  it('takes the member’s file, its revocations and the files of all its devices away', () =>
    given({
      [`members/${me}.crt`]: '',
      [`CRLs/${me}`]: 'LIST',
      [`CRLs/${other}`]: 'THEIR LIST',
      [`devices/${device}.crt`]: 'MINE',
      [`devices/${otherDevice}.crt`]: 'MINE',
      [`devices/${'3'.repeat(64)}.crt`]: 'THEIRS',
    })
      .when(leave)
      .gives({
        event: { kind: 'member-left', uri: me },
        edits: [
          { path: `members/${me}.crt`, content: undefined },
          { path: `CRLs/${me}`, content: undefined },
          { path: `devices/${device}.crt`, content: undefined },
          { path: `devices/${otherDevice}.crt`, content: undefined },
        ],
      }));
  it('is for who is here', () =>
    given({ [`invited/${me}`]: '' })
      .when(leave)
      .gives(refused('not-a-member')));
  it('is done from a device that is known here', () =>
    given({ [`admins/${me}.crt`]: '' })
      .when(leave)
      .gives(refused('device-unknown')));
});
