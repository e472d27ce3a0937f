import { describe, expect, it } from 'vitest';
import { newTransferId } from '../../../../src/conversation/decisions/announce-file.ts';
import { create } from '../../../../src/conversation/decisions/create.ts';
import { decide, type Intent } from '../../../../src/conversation/decisions/decide.ts';
import type { DecisionState, Self } from '../../../../src/conversation/decisions/decision.ts';
import { membersAt } from '../../../../src/conversation/membership/membership.ts';
import type { ConversationEvent } from '../../../../src/events/conversation-event.ts';
import { decode } from '../../../../src/events/decode.ts';
import { encode } from '../../../../src/events/encode.ts';
import type { Mode } from '../../../../src/events/kinds/conversation-created.ts';
import { AccountUri, CommitId, DeviceId, Digest } from '../../../../src/ids.ts';
import { DISPLAY_NAME_CHARACTERS } from '../../../../src/limits.ts';
import { GOLDEN_EVENTS } from '../../../support/events/events.ts';
import { blobOf, treeOf } from '../../../support/git/trees.ts';

const me = AccountUri.parse('a'.repeat(40));
const other = AccountUri.parse('b'.repeat(40));
const stranger = AccountUri.parse('c'.repeat(40));
const device = DeviceId.parse('1'.repeat(64));
const otherDevice = DeviceId.parse('2'.repeat(64));
const known = CommitId.parse('d'.repeat(40));
const unknown = CommitId.parse('e'.repeat(40));
const deleted = CommitId.parse('1'.repeat(40));
const self: Self = { account: me, device, deviceCertificate: 'DEVICE', accountCertificate: 'ACCOUNT' };

const admin = { [`admins/${me}.crt`]: '', [`devices/${device}.crt`]: '' };

function given(files: Record<string, string>, mode: Mode = 'invites-only') {
  const tree = treeOf(files);
  const founding = { conversation: undefined, mode, initialMembers: [me, other] };
  const membership = membersAt(tree, founding, new Map([[blobOf('MINE'), me]]));
  const said = (commit: CommitId) => LOG.get(commit);
  const isDeleted = (commit: CommitId) => commit === deleted;
  const hostsCall = (confId: string) => confId === 'running';
  const state: DecisionState = { self, tree, membership, said, isDeleted, hostsCall };
  return {
    when: (intent: Intent) => ({ gives: (expected: object) => expect(decide(state, intent)).toEqual(expected) }),
  };
}

const NUMBERED = (n: number) => CommitId.parse(String(n).repeat(40));
const saying = (event: ConversationEvent, author: AccountUri = me) => ({ author, content: decode(encode(event)) });
/** What stands in the log, beside what only has to be there. */
const LOG = new Map([
  [known, saying({ kind: 'message-sent', body: 'first' }, other)],
  [deleted, saying({ kind: 'message-sent', body: 'gone' })],
  [NUMBERED(2), saying({ kind: 'message-sent', body: 'mine' })],
  [NUMBERED(3), saying(GOLDEN_EVENTS['file-announced'])],
  [NUMBERED(4), saying({ kind: 'message-sent', body: 'theirs' }, other)],
  [NUMBERED(5), saying({ kind: 'member-joined', uri: me })],
  [NUMBERED(6), saying({ kind: 'message-edited', body: 'new', edit: NUMBERED(2) })],
  [NUMBERED(7), saying({ kind: 'reaction-added', body: '+', reactTo: NUMBERED(4) })],
]);

const refused = (reason: string) => ({ refused: reason, detail: expect.any(String) });
const text = (more = {}): Intent => ({ kind: 'send-text', body: 'hello', ...more });
const file = (more = {}): Intent => ({
  kind: 'announce-file',
  displayName: 'a.png',
  sha3sum: Digest.parse('0'.repeat(128)),
  totalSize: 4,
  tid: '7',
  ...more,
});

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

describe('sending a text', () => {
  it('changes no file once the device is known', () =>
    given(admin)
      .when(text())
      .gives({ event: { kind: 'message-sent', body: 'hello' }, edits: [] }));
  it('brings a new device’s certificate along', () =>
    given({ [`members/${me}.crt`]: '' })
      .when(text())
      .gives({
        event: { kind: 'message-sent', body: 'hello' },
        edits: [{ path: `devices/${device}.crt`, content: 'DEVICE' }],
      }));
  it('replies to what is there', () =>
    given(admin)
      .when(text({ replyTo: known }))
      .gives({ event: { kind: 'message-sent', body: 'hello', replyTo: known }, edits: [] }));
  it('replies to nothing else', () =>
    given(admin)
      .when(text({ replyTo: unknown }))
      .gives(refused('unknown-message')));
  it('replies to a message, not to its edit', () =>
    given(admin)
      .when(text({ replyTo: NUMBERED(6) }))
      .gives(refused('not-shown')));
  it('says something', () =>
    given(admin)
      .when(text({ body: '' }))
      .gives(refused('empty')));
  it('is not for the invited', () =>
    given({ [`invited/${me}`]: '' })
      .when(text())
      .gives(refused('not-a-member')));
  it('is not for a banned device', () =>
    given({ [`admins/${me}.crt`]: '', [`banned/devices/${device}.crt`]: '' })
      .when(text())
      .gives(refused('device-banned')));
});

describe('announcing a file', () => {
  it('states name, size and digest', () => {
    const { kind: _, ...announced } = file() as Extract<Intent, { kind: 'announce-file' }>;
    given(admin)
      .when(file())
      .gives({ event: { kind: 'file-announced', ...announced }, edits: [] });
  });
  it('takes no name that would leave its folder', () =>
    given(admin)
      .when(file({ displayName: 'x.a/b' }))
      .gives(refused('unsafe-name')));
  it('takes no endless name', () =>
    given(admin)
      .when(file({ displayName: 'x'.repeat(DISPLAY_NAME_CHARACTERS + 1) }))
      .gives(refused('too-long')));
  it('has a number of decimal digits', () => {
    expect(newTransferId({ below: (limit) => limit - 1, bytes: () => new Uint8Array() })).toMatch(/^[0-9]{1,20}$/);
    expect(newTransferId({ below: () => 0, bytes: () => new Uint8Array() })).toBe('1');
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

describe('deleting', () => {
  const taking = (message: CommitId): Intent => ({ kind: 'delete-message', message });

  it.each([
    ['a text', 2, { kind: 'message-deleted', edit: NUMBERED(2) }],
    ['a file', 3, { kind: 'file-deleted', edit: NUMBERED(3) }],
    ['a reaction', 7, { kind: 'message-deleted', edit: NUMBERED(7) }],
  ])('takes back %s of one’s own', (_, message, event) => {
    given(admin)
      .when(taking(NUMBERED(message)))
      .gives({ event, edits: [] });
  });

  it.each([
    ['what is not there', unknown, 'unknown-message'],
    ['what somebody else said', NUMBERED(4), 'not-the-author'],
    ['what is no message', NUMBERED(5), 'not-deletable'],
    ['an edit: the message itself is meant', NUMBERED(6), 'not-deletable'],
    ['what is deleted already', deleted, 'already-deleted'],
  ])('does not take back %s', (_, message, reason) => {
    given(admin).when(taking(message)).gives(refused(reason));
  });

  it('is for members', () => {
    given({ [`invited/${me}`]: '' })
      .when(taking(NUMBERED(2)))
      .gives(refused('not-a-member'));
  });
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

describe('editing', () => {
  const edit = (message: CommitId, body = 'new'): Intent => ({ kind: 'edit-message', message, body });

  it.each([
    ['a text', NUMBERED(2)],
    ['a reaction', NUMBERED(7)],
  ])('changes %s of one’s own', (_, message) => {
    given(admin)
      .when(edit(message))
      .gives({ event: { kind: 'message-edited', body: 'new', edit: message }, edits: [] });
  });

  it.each([
    ['what is not there', unknown, 'new', 'unknown-message'],
    ['what somebody else said', NUMBERED(4), 'new', 'not-the-author'],
    ['a file', NUMBERED(3), 'new', 'not-editable'],
    ['an edit: the message itself is meant', NUMBERED(6), 'new', 'not-editable'],
    ['what is deleted', deleted, 'new', 'already-deleted'],
    ['anything into nothing', NUMBERED(2), '', 'empty'],
  ])('does not change %s', (...[, message, body, reason]) => {
    given(admin).when(edit(message, body)).gives(refused(reason));
  });
});

describe('reacting', () => {
  const react = (message: CommitId, body = '+1'): Intent => ({ kind: 'react', message, body });
  it.each([
    ['a text', NUMBERED(4)],
    ['a file', NUMBERED(3)],
    ['a join', NUMBERED(5)],
  ])('is to %s, whoever it is from', (_, message) => {
    given(admin)
      .when(react(message))
      .gives({ event: { kind: 'reaction-added', body: '+1', reactTo: message }, edits: [] });
  });
  it.each([
    ['what is not there', unknown, '+1', 'unknown-message'],
    ['an edit', NUMBERED(6), '+1', 'not-shown'],
    ['another reaction', NUMBERED(7), '+1', 'not-shown'],
    ['what is deleted', deleted, '+1', 'already-deleted'],
    ['a message with nothing', NUMBERED(4), '', 'empty'],
  ])('is not to %s', (...[, message, body, reason]) => {
    given(admin).when(react(message, body)).gives(refused(reason));
  });
});

describe('calls', () => {
  const call = (more = {}): Intent => ({ kind: 'record-call', to: other, duration: 1000, ...more });
  const both = { ...admin, [`members/${other}.crt`]: '' };

  it('between two are told when they are over', () =>
    given(both, 'one-to-one')
      .when(call({ reason: 'busy' }))
      .gives({ event: { kind: 'call-ended', to: other, duration: 1000, reason: 'busy' }, edits: [] }));
  it('of a group begin and end on the host’s device', () => {
    const hosted = { confId: 'new', device, uri: me };
    given(both)
      .when({ kind: 'start-call', confId: 'new' })
      .gives({ event: { kind: 'group-call-started', ...hosted }, edits: [] });
    given(both)
      .when({ kind: 'end-call', confId: 'running', duration: 5 })
      .gives({ event: { kind: 'group-call-ended', ...hosted, confId: 'running', duration: 5 }, edits: [] });
  });
  it.each([
    ['of a group told as one of two', 'invites-only', call(), 'not-one-to-one'],
    ['with a stranger', 'one-to-one', call({ to: stranger }), 'not-one-of-the-two'],
    ['with oneself', 'one-to-one', call({ to: me }), 'not-one-of-the-two'],
    ['of less than no time', 'one-to-one', call({ duration: -1 }), 'no-duration'],
    ['without a name', 'invites-only', { kind: 'start-call', confId: '' }, 'empty'],
    ['that run already', 'invites-only', { kind: 'start-call', confId: 'running' }, 'call-running'],
    ['that nobody began', 'invites-only', { kind: 'end-call', confId: 'none', duration: 1 }, 'unknown-call'],
  ] as const)('%s are none', (...[, mode, intent, reason]) => {
    given(both, mode).when(intent).gives(refused(reason));
  });
});
