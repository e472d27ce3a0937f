import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DECLINE_REASONS } from '../../../../src/events/peer/file-request.ts';
import {
  BATCH_CONCLUSIONS,
  type BatchStatement,
  decodeBatchMessage,
  encodeBatchStatement,
  encodeFiles,
} from '../../../../src/fetcher/small/batch-message.ts';
import { CommitId, ConversationId } from '../../../../src/ids.ts';
import { BATCH_FILES, CHANNEL_MESSAGE_BYTES, SMALL_FILE_BYTES } from '../../../../src/limits.ts';

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const commitIds = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => CommitId.parse(hexOf(bytes)));
const files = fc.array(fc.record({ interaction: commitIds, bytes: fc.uint8Array({ maxLength: 3000 }) }), {
  minLength: 1,
});
const statements: fc.Arbitrary<BatchStatement> = fc.oneof(
  fc.record({
    say: fc.constant('ask' as const),
    conversation: commitIds.map((id) => ConversationId.parse(id)),
    interactions: fc.array(commitIds, { minLength: 1, maxLength: 20 }),
  }),
  fc.record({
    say: fc.constant('declined' as const),
    files: fc.array(fc.tuple(commitIds, fc.constantFrom(...DECLINE_REASONS)), { maxLength: 20 }),
  }),
  fc.record({
    say: fc.constant('done' as const),
    files: fc.array(fc.tuple(commitIds, fc.constantFrom(...BATCH_CONCLUSIONS)), { maxLength: 20 }),
  }),
);

const [one = CommitId.parse('1'.repeat(40))] = fc.sample(commitIds, 1);

describe('files in messages', () => {
  it('arrive as they were sent, in their order', () => {
    fc.assert(
      fc.property(files, (sent) => {
        const heard = [...encodeFiles(sent)].map(decodeBatchMessage);
        const arrived = heard.flatMap((message) => (message.kind === 'files' ? message.files : []));
        expect(arrived.map(({ interaction, bytes }) => [interaction, hexOf(bytes)])).toEqual(
          sent.map(({ interaction, bytes }) => [interaction, hexOf(bytes)]),
        );
      }),
    );
  });

  it('share a message as long as they fit one, and never more', () => {
    const sent = Array.from({ length: 9 }, () => ({ interaction: one, bytes: new Uint8Array(SMALL_FILE_BYTES) }));
    const lengths = [...encodeFiles(sent)].map(({ length }) => length);
    expect(lengths.length).toBe(3);
    for (const length of lengths) expect(length).toBeLessThanOrEqual(CHANNEL_MESSAGE_BYTES);
  });

  it('make no message when there are none', () => {
    expect([...encodeFiles([])]).toEqual([]);
  });

  it('are malformed when one is cut short, at whatever byte', () => {
    const [message = new Uint8Array(0)] = encodeFiles([{ interaction: one, bytes: new Uint8Array(10) }]);
    for (let length = 1; length < message.length; length++)
      expect(decodeBatchMessage(message.subarray(0, length)).kind).toBe('malformed');
  });

  it('are malformed when one is longer than a small file may be', () => {
    const [message = new Uint8Array(0)] = encodeFiles([
      { interaction: one, bytes: new Uint8Array(SMALL_FILE_BYTES + 1) },
    ]);
    expect(decodeBatchMessage(message).kind).toBe('malformed');
  });
});

describe('a statement', () => {
  it('arrives as it was said', () => {
    fc.assert(
      fc.property(statements, (statement) => {
        expect(decodeBatchMessage(encodeBatchStatement(statement))).toEqual({ kind: 'statement', statement });
      }),
    );
  });

  it('of a kind that is not known is no breach', () => {
    expect(decodeBatchMessage(Buffer.from('\0{"say":"sing"}')).kind).toBe('unknown');
  });

  it('that names no file, or too many, is malformed', () => {
    const ask = (count: number) => {
      const interactions = Array.from({ length: count }, () => one);
      return Buffer.from(`\0${JSON.stringify({ say: 'ask', conversation: one, interactions })}`);
    };
    expect(decodeBatchMessage(ask(BATCH_FILES)).kind).toBe('statement');
    expect(decodeBatchMessage(ask(0)).kind).toBe('malformed');
    expect(decodeBatchMessage(ask(BATCH_FILES + 1)).kind).toBe('malformed');
  });
});

it('decodes anything to something, and never throws', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(['statement', 'files', 'unknown', 'malformed']).toContain(decodeBatchMessage(bytes).kind);
    }),
  );
});
