import { readdir, readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConversationEvent } from '../../../src/events/conversation-event.ts';
import { decode } from '../../../src/events/decode.ts';
import { encode } from '../../../src/events/encode.ts';
import { ANY_EVENT, EVENT_KINDS, GOLDEN_EVENTS } from '../../support/events/events.ts';

const FIXTURES = new URL('../../../fixtures/events/', import.meta.url);

describe('the text of a commit', () => {
  it('is recorded for every kind of event, and for nothing else', async () => {
    const kinds = ConversationEvent.options.map(({ shape }) => shape.kind.value);
    expect((await readdir(FIXTURES)).sort()).toEqual(kinds.map((kind) => `${kind}.txt`).sort());
  });

  it.each(EVENT_KINDS)('of %s is written as recorded', async (kind) => {
    expect(encode(GOLDEN_EVENTS[kind])).toBe(await readFile(new URL(`${kind}.txt`, FIXTURES), 'utf8'));
  });

  it.each(EVENT_KINDS)('of %s is read as recorded', async (kind) => {
    const decoded = decode(await readFile(new URL(`${kind}.txt`, FIXTURES), 'utf8'));
    expect(decoded).toMatchObject({ outcome: 'known', event: GOLDEN_EVENTS[kind] });
  });

  it.each(EVENT_KINDS)('of any %s is read as the event that it was written for', (kind) => {
    fc.assert(
      fc.property(ANY_EVENT[kind] as fc.Arbitrary<ConversationEvent>, (event) => {
        expect(ConversationEvent.parse(event)).toEqual(event);
        const decoded = decode(encode(event));
        expect(decoded.outcome === 'known' ? decoded.event : decoded).toEqual(event);
      }),
    );
  });

  it.each(EVENT_KINDS)('of any %s is plain ASCII with its type and no line end', (kind) => {
    fc.assert(
      fc.property(ANY_EVENT[kind] as fc.Arbitrary<ConversationEvent>, (event) => {
        expect(encode(event)).toMatch(/^\{[ -\u007f]*"type":"[a-z/+-]+"[ -\u007f]*\}$/);
      }),
    );
  });
});
