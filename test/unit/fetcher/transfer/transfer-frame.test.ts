import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BYTES_TAG,
  CANCEL_REASONS,
  CONCLUSIONS,
  decodeFrame,
  encodeStatement,
  REFUSALS,
  STATEMENT_TAG,
  type Statement,
  TRANSFER_VERSION,
} from '../../../../src/fetcher/transfer/transfer-frame.ts';
import { CHANNEL_MESSAGE_BYTES, CONTROL_MESSAGE_BYTES, TRANSFER_MESSAGE_BYTES } from '../../../../src/limits.ts';
import { announcedFile } from '../../../support/fetcher/announced-file.ts';

const file = announcedFile(new Uint8Array(3));
const { conversation, interaction, fileId, totalSize, digest } = file;
const count = fc.nat({ max: 2 ** 40 });

const statements: fc.Arbitrary<Statement> = fc.oneof(
  fc.record({
    ...{ say: fc.constant('propose' as const), v: fc.integer({ min: 1, max: 9 }), totalSize: count },
    ...{ conversation: fc.constant(conversation), interaction: fc.constant(interaction) },
    ...{ fileId: fc.constant(fileId), sha3sum: fc.constant(digest) },
  }),
  fc.record({ say: fc.constant('go' as const), ranges: fc.array(fc.tuple(count, count), { maxLength: 64 }) }),
  fc.record({ say: fc.constant('refuse' as const), reason: fc.constantFrom(...REFUSALS) }),
  fc.record({ say: fc.constant('progress' as const), bytes: count }),
  fc.constant({ say: 'end' as const }),
  fc.record({ say: fc.constant('done' as const), outcome: fc.constantFrom(...CONCLUSIONS) }),
  fc.record({ say: fc.constant('cancel' as const), reason: fc.constantFrom(...CANCEL_REASONS) }),
);

const said = (value: unknown) =>
  decodeFrame(Buffer.concat([Buffer.of(STATEMENT_TAG), Buffer.from(JSON.stringify(value))]));

describe('a message of a data-transfer channel', () => {
  it('says after decoding what was said before encoding', () => {
    fc.assert(
      fc.property(statements, (statement) => {
        expect(decodeFrame(encodeStatement(statement))).toEqual({ kind: 'statement', statement });
      }),
    );
  });

  it('has one golden form for the proposal', () => {
    const proposal = {
      say: 'propose' as const,
      v: TRANSFER_VERSION,
      conversation,
      interaction,
      fileId,
      totalSize,
      sha3sum: digest,
    };
    expect(Buffer.from(encodeStatement(proposal)).toString('latin1')).toBe(
      `\0{"say":"propose","v":2,"conversation":"${conversation}","interaction":"${interaction}","fileId":"${fileId}","totalSize":3,"sha3sum":"${digest}"}`,
    );
  });

  it('carries bytes behind a tag, within what a channel message may hold', () => {
    expect(decodeFrame(Uint8Array.of(BYTES_TAG, 7, 8))).toEqual({ kind: 'bytes', bytes: Uint8Array.of(7, 8) });
    expect(TRANSFER_MESSAGE_BYTES + 1).toBeLessThanOrEqual(CHANNEL_MESSAGE_BYTES);
  });

  it('ignores fields and statements that are newer than this program', () => {
    expect(said({ say: 'progress', bytes: 3, mood: 'good' })).toEqual({
      kind: 'statement',
      statement: { say: 'progress', bytes: 3 },
    });
    expect(said({ say: 'sing', song: 1 })).toEqual({ kind: 'unknown' });
    expect(said({ say: 'refuse', reason: 'out-of-paper' })).toEqual({
      kind: 'statement',
      statement: { say: 'refuse', reason: 'not-wanted' },
    });
  });

  it.each([
    ['nothing at all', new Uint8Array(0)],
    ['another tag', Uint8Array.of(9, 1)],
    ['a tag without bytes', Uint8Array.of(BYTES_TAG)],
    ['too many bytes', new Uint8Array(TRANSFER_MESSAGE_BYTES + 2).fill(BYTES_TAG)],
    ['a statement that is too long', new Uint8Array(CONTROL_MESSAGE_BYTES + 2)],
    ['half a statement', Buffer.from('\0{"say":"en')],
    ['a name that would leave the folder', Buffer.from(`\0{"say":"propose","v":1,"fileId":"../../x"}`)],
    ['a number below zero', Buffer.from('\0{"say":"progress","bytes":-1}')],
    ['too many ranges', Buffer.from(`\0${JSON.stringify({ say: 'go', ranges: Array(65).fill([0, 1]) })}`)],
  ])('is malformed with %s', (_, message) => {
    expect(decodeFrame(message).kind).toBe('malformed');
  });

  it('never makes the decoder throw', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => void decodeFrame(bytes)));
    fc.assert(fc.property(fc.json(), (json) => void decodeFrame(Buffer.from(`\0${json}`))));
  });
});
