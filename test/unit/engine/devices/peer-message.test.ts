import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CommitAnnouncement,
  decodePeerMessage,
  encodePeerMessage,
  Invite,
} from '../../../../src/engine/devices/peer-message.ts';
import { isSyncError } from '../../../../src/errors.ts';
import { MODES } from '../../../../src/events/kinds/conversation-created.ts';
import { CONTROL_MESSAGE_BYTES, TITLE_CHARACTERS } from '../../../../src/limits.ts';
import { commitId, device } from '../../../support/events/interactions.ts';
import { thrownBy } from '../../../support/thrown.ts';

describe('a message between devices', () => {
  it('comes out as it went in', () => {
    const messages = fc.record({ type: fc.string({ maxLength: 100 }), content: fc.jsonValue() });
    fc.assert(
      fc.property(messages, (message) => {
        expect(decodePeerMessage(encodePeerMessage(message))).toEqual(JSON.parse(JSON.stringify(message)));
      }),
    );
  });

  it('that is no message is told as such, whatever the bytes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (bytes) => {
          try {
            expect(typeof decodePeerMessage(bytes).type).toBe('string');
          } catch (error) {
            expect(isSyncError(error, 'PROTOCOL_BROKEN')).toBe(true);
          }
        },
      ),
    );
  });

  it('may be so long and no longer', async () => {
    const around = encodePeerMessage({ type: '', content: '' }).length;
    const longest = encodePeerMessage({ type: '', content: 'x'.repeat(CONTROL_MESSAGE_BYTES - around) });
    expect(decodePeerMessage(longest).type).toBe('');
    const longer = Buffer.concat([longest, Buffer.from(' ')]);
    expect((await thrownBy('LIMIT_EXCEEDED', () => decodePeerMessage(longer))).data.actual).toBe(longer.length);
  });
});

describe('what devices announce', () => {
  const announcement = { id: commitId(1), commit: commitId(2), deviceId: device(3) };
  const invite = { conversationId: commitId(1), metadatas: { mode: 2, title: 'Garden' }, receivedMs: 5 };

  it('is taken when it has the known form, with more than we know as well', () => {
    expect(CommitAnnouncement.safeParse({ ...announcement, later: true }).success).toBe(true);
    expect(Invite.parse({ ...invite, metadatas: { ...invite.metadatas, avatar: '' } })).toEqual(invite);
  });

  it.each([
    ['a short commit', CommitAnnouncement, { ...announcement, commit: 'abc' }],
    ['an upper-case device', CommitAnnouncement, { ...announcement, deviceId: device(3).toUpperCase() }],
    ['a path for a conversation', Invite, { ...invite, conversationId: '../../../etc' }],
    ['a mode that there is not', Invite, { ...invite, metadatas: { mode: MODES.length } }],
    [
      'a title that is too long',
      Invite,
      { ...invite, metadatas: { mode: 0, title: 'x'.repeat(TITLE_CHARACTERS + 1) } },
    ],
    ['a time before time', Invite, { ...invite, receivedMs: -1 }],
  ])('is not taken with %s', (_, schema, given) => {
    expect(schema.safeParse(given).success).toBe(false);
  });
});
