/**
 * The messages of a `data-transfer-batch://` channel: one tag byte, then whole files or a statement in JSON.
 *
 *     receiver                                      source
 *     ask {conversation, interactions}          →
 *                                               ←   files, files, …
 *                                               ←   declined {files}
 *     done {files}                              →
 *
 * Any number of these go on at the same time. A receiver that says `done` before a file came does not want it any more.
 * Fields and statements that are not known are ignored: they are newer than we are.
 */
import * as z from 'zod';
import { DeclineReason } from '../../events/peer/file-request.ts';
import { CommitId, ConversationId } from '../../ids.ts';
import { BATCH_FILES, CHANNEL_MESSAGE_BYTES, SMALL_FILE_BYTES } from '../../limits.ts';
import { decodeStatement } from '../transfer/decode-statement.ts';

/** Announced small files that the receiver wants. Which they are is all that is said: what they hold, the log says. */
const Ask = z.object({
  say: z.literal('ask'),
  conversation: ConversationId,
  interactions: z.array(CommitId).min(1).max(BATCH_FILES),
});

/** What the source does not send, and why. */
const Declined = z.object({
  say: z.literal('declined'),
  files: z.array(z.tuple([CommitId, DeclineReason])).max(BATCH_FILES),
});

export const BATCH_CONCLUSIONS = [
  'verified',
  'wrong-digest',
  'wrong-size',
  'disk-full',
  'cancelled',
  'paused',
  'interrupted',
] as const;
/** What became of files at the receiver. `verified`: it stands under its name. */
const Done = z.object({
  say: z.literal('done'),
  files: z.array(z.tuple([CommitId, z.enum(BATCH_CONCLUSIONS).catch('interrupted')])).max(BATCH_FILES),
});

const BatchStatement = z.discriminatedUnion('say', [Ask, Declined, Done]);
export type BatchStatement = z.infer<typeof BatchStatement>;
export type BatchConclusion = (typeof BATCH_CONCLUSIONS)[number];

/** A small file as it travels. */
export interface SentFile {
  readonly interaction: CommitId;
  readonly bytes: Uint8Array;
}

export type BatchMessage =
  | { readonly kind: 'statement'; readonly statement: BatchStatement }
  | { readonly kind: 'files'; readonly files: readonly SentFile[] }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'malformed'; readonly detail: string };

const KNOWN: ReadonlySet<string> = new Set(BatchStatement.options.map((option) => option.shape.say.value));
const STATEMENT_TAG = 0;
const FILES_TAG = 1;
const ID_BYTES = 20;
const HEADER_BYTES = ID_BYTES + 4;

export function encodeBatchStatement(statement: BatchStatement): Uint8Array {
  return Buffer.concat([Buffer.of(STATEMENT_TAG), Buffer.from(JSON.stringify(statement))]);
}

/**
 * Each file as its interaction in 20 bytes, its length in four (the most significant first), and its bytes; as many to
 * a message as fit.
 */
export function* encodeFiles(files: Iterable<SentFile>): Generator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let length = 1;
  for (const { interaction, bytes } of files) {
    if (length + HEADER_BYTES + bytes.length > CHANNEL_MESSAGE_BYTES) {
      yield Buffer.concat([Buffer.of(FILES_TAG), ...parts]);
      [parts, length] = [[], 1];
    }
    parts.push(headerOf(interaction, bytes.length), bytes);
    length += HEADER_BYTES + bytes.length;
  }
  if (parts.length > 0) yield Buffer.concat([Buffer.of(FILES_TAG), ...parts]);
}

function headerOf(interaction: CommitId, length: number): Uint8Array {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write(interaction, 'hex');
  header.writeUInt32BE(length, ID_BYTES);
  return header;
}

/** The bytes of files are views into the message. */
export function decodeBatchMessage(message: Uint8Array): BatchMessage {
  const body = message.subarray(1);
  switch (message[0]) {
    case FILES_TAG:
      return decodeFiles(Buffer.from(body.buffer, body.byteOffset, body.length));
    case STATEMENT_TAG:
      return decodeStatement(body, BatchStatement, KNOWN);
    default:
      return { kind: 'malformed', detail: `a message with the tag ${message[0]}` };
  }
}

function decodeFiles(body: Buffer): BatchMessage {
  const files: SentFile[] = [];
  for (let at = 0; at < body.length; ) {
    const start = at + HEADER_BYTES;
    if (start > body.length) return { kind: 'malformed', detail: 'a file without its length' };
    const end = start + body.readUInt32BE(at + ID_BYTES);
    if (end > body.length || end - start > SMALL_FILE_BYTES)
      return { kind: 'malformed', detail: `a file of ${end - start} bytes` };
    const interaction = CommitId.parse(body.toString('hex', at, at + ID_BYTES));
    files.push({ interaction, bytes: body.subarray(start, end) });
    at = end;
  }
  return files.length > 0 ? { kind: 'files', files } : { kind: 'malformed', detail: 'no file' };
}
