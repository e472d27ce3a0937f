import { describe, expect, it } from 'vitest';
import { newTransferId } from '../../../src/conversation/decisions/announce-file.ts';
import { create } from '../../../src/conversation/decisions/create.ts';
import { decide, type Intent } from '../../../src/conversation/decisions/decide.ts';
import type { DecisionState, Self } from '../../../src/conversation/decisions/decision.ts';
import { membersAt } from '../../../src/conversation/membership.ts';
import type { Mode } from '../../../src/events/conversation-created.ts';
import type { ConversationEvent } from '../../../src/events/conversation-event.ts';
import { decode } from '../../../src/events/decode.ts';
import { encode } from '../../../src/events/encode.ts';
import { AccountUri, CommitId, DeviceId, Digest } from '../../../src/ids.ts';
import { DISPLAY_NAME_CHARACTERS } from '../../../src/limits.ts';
import { GOLDEN_EVENTS } from '../../support/events.ts';
import { treeOf } from '../../support/trees.ts';

const me = AccountUri.parse('a'.repeat(40));
const other = AccountUri.parse('b'.repeat(40));
const stranger = AccountUri.parse('c'.repeat(40));
const device = DeviceId.parse('1'.repeat(64));
const known = CommitId.parse('d'.repeat(40));
const unknown = CommitId.parse('e'.repeat(40));
const deleted = CommitId.parse('1'.repeat(40));
const self: Self = { account: me, device, deviceCertificate: 'DEVICE', accountCertificate: 'ACCOUNT' };

const admin = { [`admins/${me}.crt`]: '', [`devices/${device}.crt`]: '' };

function given(files: Record<string, string>, mode: Mode = 'invites-only') {
  const tree = treeOf(files);
  const founding = { conversation: undefined, mode, initialMembers: [me, other] };
  const membership = membersAt(tree, founding, new Map());
  const said = (commit: CommitId) => LOG.get(commit);
  const isDeleted = (commit: CommitId) => commit === deleted;
  const state: DecisionState = { self, tree, membership, has: (commit) => commit === known, said, isDeleted };
  return {
    when: (intent: Intent) => ({ gives: (expected: object) => expect(decide(state, intent)).toEqual(expected) }),
  };
}

const NUMBERED = (n: number) => CommitId.parse(String(n).repeat(40));
const saying = (event: ConversationEvent, author: AccountUri = me) => ({ author, content: decode(encode(event)) });
/** What stands in the log, beside what only has to be there. */
const LOG = new Map([
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
