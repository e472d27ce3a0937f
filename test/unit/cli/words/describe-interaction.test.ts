import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanText } from '../../../../src/cli/words/clean-text.ts';
import { describeInteraction } from '../../../../src/cli/words/describe-interaction.ts';
import { decode } from '../../../../src/events/decode.ts';
import { encode } from '../../../../src/events/encode.ts';
import { ANY_EVENT, EVENT_KINDS, GOLDEN_EVENTS } from '../../../support/events/events.ts';
import { commitId } from '../../../support/events/interactions.ts';

const said = (event: Parameters<typeof encode>[0]) => describeInteraction(decode(encode(event)));

describe('an interaction in words', () => {
  it('is one for each kind of event', () => {
    expect(Object.fromEntries(EVENT_KINDS.map((kind) => [kind, said(GOLDEN_EVENTS[kind])]))).toMatchInlineSnapshot(`
      {
        "call-ended": "call, 1 min (busy)",
        "checkpoint-stored": "stored a checkpoint",
        "conversation-created": "made the conversation (one-to-one)",
        "document-announced": "document plan",
        "document-removed": "removed the document 8ee88b1d",
        "file-announced": "file a.png (2.9 MiB)",
        "file-deleted": "took back the file 8ee88b1d",
        "group-call-ended": "group call ended after 0 ms",
        "group-call-started": "started a group call",
        "member-added": "invited d9e99026",
        "member-banned": "banned 6c76a6eb",
        "member-joined": "joined",
        "member-left": "left",
        "member-unbanned": "lifted the ban of d9e99026",
        "message-deleted": "deleted 8ee88b1d",
        "message-edited": "edited 8ee88b1d: new",
        "message-sent": "re 8ee88b1d: héllo / "wörld" 👋�",
        "profile-updated": "changed the conversation's profile",
        "reaction-added": "reacted to 8ee88b1d with 👍",
        "vote-cast": "voted on d9e99026",
      }
    `);
  });

  it.each(EVENT_KINDS)('is one safe line for any %s', (kind) => {
    fc.assert(
      fc.property(ANY_EVENT[kind], (event) => {
        const line = said(event);
        expect(line).toBe(cleanText(line));
      }),
      { numRuns: 50 },
    );
  });

  it('says what is of no known type, malformed, or a merge', () => {
    expect(describeInteraction(decode('{"type":"application/x\\u001b"}'))).toBe(
      '[application/x\ufffd] of a type this version does not know',
    );
    expect(describeInteraction(decode('not json'))).toMatch(/^\[no type\] malformed: /);
    expect(describeInteraction({ outcome: 'merge', type: 'merge', merged: commitId(7) })).toBe('merges 00000000');
    expect(describeInteraction({ outcome: 'merge', type: 'merge' })).toBe('merges two heads');
  });
});
