/** Anything a peer, the clock or the user may do to a sub-transfer. */
import fc from 'fast-check';
import { CANCEL_REASONS, CONCLUSIONS, REFUSALS, type Statement } from '../../../src/fetcher/transfer/transfer-frame.ts';
import type { TransferInput } from '../../../src/fetcher/transfer/transfer-input.ts';
import { announcedFile } from './announced-file.ts';

const { conversation, interaction, fileId, digest } = announcedFile(new Uint8Array(1));
const number = fc.nat({ max: 200 });
const at = fc.nat({ max: 100_000 });

const statement: fc.Arbitrary<Statement> = fc.oneof(
  fc.record({
    ...{ say: fc.constant('propose' as const), v: fc.constantFrom(1, 2), totalSize: number },
    ...{ conversation: fc.constant(conversation), interaction: fc.constant(interaction) },
    ...{ fileId: fc.constant(fileId), sha3sum: fc.constant(digest) },
  }),
  fc.record({ say: fc.constant('go' as const), ranges: fc.array(fc.tuple(number, number), { maxLength: 3 }) }),
  fc.record({ say: fc.constant('skip' as const), ranges: fc.array(fc.tuple(number, number), { maxLength: 3 }) }),
  fc.record({ say: fc.constant('refuse' as const), reason: fc.constantFrom(...REFUSALS) }),
  fc.record({ say: fc.constant('progress' as const), bytes: number }),
  fc.constant({ say: 'end' as const }),
  fc.record({ say: fc.constant('done' as const), outcome: fc.constantFrom(...CONCLUSIONS) }),
  fc.record({ say: fc.constant('cancel' as const), reason: fc.constantFrom(...CANCEL_REASONS) }),
);

export const transferInputs: fc.Arbitrary<TransferInput> = fc.oneof(
  fc.record({ kind: fc.constant('said' as const), statement, at }),
  fc.record({
    kind: fc.constant('bytes' as const),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 60 }),
    at,
  }),
  fc.record({
    kind: fc.constant('piece' as const),
    start: number,
    bytes: fc.uint8Array({ minLength: 1, maxLength: 60 }),
    at,
  }),
  fc.record({
    kind: fc.constant('hashes' as const),
    hashes: fc.uint8Array({ minLength: 1, maxLength: 60 }),
    at,
  }),
  fc.record({ kind: fc.constant('tick' as const), at, isListening: fc.boolean() }),
  fc.constantFrom<TransferInput>(
    { kind: 'malformed' },
    { kind: 'closed' },
    { kind: 'stopped', reason: 'cancelled' },
    { kind: 'stopped', reason: 'paused' },
    { kind: 'stopped', reason: 'interrupted' },
  ),
);
