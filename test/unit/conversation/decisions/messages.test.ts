import { describe, it } from 'vitest';
import type { Intent } from '../../../../src/conversation/decisions/decide.ts';
import type { CommitId } from '../../../../src/ids.ts';
import {
  admin,
  deleted,
  device,
  given,
  known,
  me,
  numbered,
  refused,
  text,
  unknown,
} from '../../../support/conversation/decided.ts';

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
      .when(text({ replyTo: numbered(6) }))
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

describe('deleting', () => {
  const taking = (message: CommitId): Intent => ({ kind: 'delete-message', message });

  it.each([
    ['a text', 2, { kind: 'message-deleted', edit: numbered(2) }],
    ['a file', 3, { kind: 'file-deleted', edit: numbered(3) }],
    ['a reaction', 7, { kind: 'message-deleted', edit: numbered(7) }],
  ])('takes back %s of one’s own', (_, message, event) => {
    given(admin)
      .when(taking(numbered(message)))
      .gives({ event, edits: [] });
  });

  it.each([
    ['what is not there', unknown, 'unknown-message'],
    ['what somebody else said', numbered(4), 'not-the-author'],
    ['what is no message', numbered(5), 'not-deletable'],
    ['an edit: the message itself is meant', numbered(6), 'not-deletable'],
    ['what is deleted already', deleted, 'already-deleted'],
  ])('does not take back %s', (_, message, reason) => {
    given(admin).when(taking(message)).gives(refused(reason));
  });

  it('is for members', () => {
    given({ [`invited/${me}`]: '' })
      .when(taking(numbered(2)))
      .gives(refused('not-a-member'));
  });
});

describe('editing', () => {
  const edit = (message: CommitId, body = 'new'): Intent => ({ kind: 'edit-message', message, body });

  it.each([
    ['a text', numbered(2)],
    ['a reaction', numbered(7)],
  ])('changes %s of one’s own', (_, message) => {
    given(admin)
      .when(edit(message))
      .gives({ event: { kind: 'message-edited', body: 'new', edit: message }, edits: [] });
  });

  it.each([
    ['what is not there', unknown, 'new', 'unknown-message'],
    ['what somebody else said', numbered(4), 'new', 'not-the-author'],
    ['a file', numbered(3), 'new', 'not-editable'],
    ['an edit: the message itself is meant', numbered(6), 'new', 'not-editable'],
    ['what is deleted', deleted, 'new', 'already-deleted'],
    ['anything into nothing', numbered(2), '', 'empty'],
  ])('does not change %s', (...[, message, body, reason]) => {
    given(admin).when(edit(message, body)).gives(refused(reason));
  });
});

describe('reacting', () => {
  const react = (message: CommitId, body = '+1'): Intent => ({ kind: 'react', message, body });
  it.each([
    ['a text', numbered(4)],
    ['a file', numbered(3)],
    ['a join', numbered(5)],
  ])('is to %s, whoever it is from', (_, message) => {
    given(admin)
      .when(react(message))
      .gives({ event: { kind: 'reaction-added', body: '+1', reactTo: message }, edits: [] });
  });
  it.each([
    ['what is not there', unknown, '+1', 'unknown-message'],
    ['an edit', numbered(6), '+1', 'not-shown'],
    ['another reaction', numbered(7), '+1', 'not-shown'],
    ['what is deleted', deleted, '+1', 'already-deleted'],
    ['a message with nothing', numbered(4), '', 'empty'],
  ])('is not to %s', (...[, message, body, reason]) => {
    given(admin).when(react(message, body)).gives(refused(reason));
  });
});
