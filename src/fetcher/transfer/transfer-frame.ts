/**
 * The messages of a data-transfer channel: one tag byte, then bytes of the file, hashes of its chunks, or a statement in JSON.
 *
 *     source                                receiver
 *     propose {v, …}                   →
 *                                      ←    go {ranges}          or  refuse {reason}
 *     bytes, bytes, …                  →
 *                                      ←    progress {bytes}     now and then
 *     end                              →
 *                                      ←    done {outcome}
 *
 * A file that was announced with chunks goes piece by piece, each saying where it belongs. The receiver asks for as much
 * as it wants when it wants it, of several sources at a time:
 *
 *     propose {v, …}                   →
 *                                      ←    go {ranges, hashes, held}
 *     hashes, hashes, …                →
 *                                      ←    go {ranges, held}    any number of times
 *     piece, piece, …                  →
 *                                      ←    skip {ranges}        what was not sent yet is not wanted any more
 *                                      ←    done {outcome}
 *
 * Either side may say `cancel` at any time; a source whose user says so closes the channel with the reason instead.
 * Fields and statements that are not known are ignored: they are newer than we are.
 */
import * as z from 'zod';
import { CommitId, ConversationId, Digest, FileId } from '../../ids.ts';
import { TRANSFER_LONG_MESSAGE_BYTES, TRANSFER_MESSAGE_BYTES, TRANSFER_RANGES } from '../../limits.ts';
import { decodeStatement } from './decode-statement.ts';

export const TRANSFER_VERSION = 2;

const bytes = z.number().int().nonnegative();

/** What the source wants to send, stated before any byte. */
const Propose = z.object({
  say: z.literal('propose'),
  v: z.number().int().positive(),
  conversation: ConversationId,
  interaction: CommitId,
  fileId: FileId,
  totalSize: bytes,
  sha3sum: Digest,
  /** The file is sent as one without chunks, whatever was announced: it has none, or the announced root is not its own. */
  chunks: z.literal(false).optional(),
});

/** Half-open intervals, ascending and apart from each other. */
const ranges = z.array(z.tuple([bytes, bytes])).max(TRANSFER_RANGES);

/**
 * The source sends the ranges in this order, after those it was asked for before. None: nothing is lacking but the
 * verification, or it is going to be asked for later. With `hashes`, the list of chunk hashes goes first.
 */
const Go = z.object({
  say: z.literal('go'),
  ranges,
  hashes: z.literal(true).optional(),
  /** So many bytes of a file in chunks are here, wherever from: the source shows its user how far it is. */
  held: bytes.optional(),
});

const Skip = z.object({ say: z.literal('skip'), ranges });

export const REFUSALS = ['not-wanted', 'wrong-proposal', 'unknown-version'] as const;
const Refuse = z.object({ say: z.literal('refuse'), reason: z.enum(REFUSALS).catch('not-wanted') });

/** `bytes` of the file are here. Said also while nothing arrives, so that the source knows we are alive. */
const Progress = z.object({ say: z.literal('progress'), bytes });

const End = z.object({ say: z.literal('end') });

export const CONCLUSIONS = ['verified', 'wrong-digest', 'wrong-size', 'wrong-chunk', 'disk-full'] as const;
const Done = z.object({ say: z.literal('done'), outcome: z.enum(CONCLUSIONS) });

export const CANCEL_REASONS = ['cancelled', 'interrupted', 'silent', 'protocol-broken', 'paused'] as const;
/** Of these, the ones that a person said. */
export const USERS_WORDS = ['cancelled', 'paused'] as const satisfies readonly (typeof CANCEL_REASONS)[number][];
export type UsersWord = (typeof USERS_WORDS)[number];
const Cancel = z.object({ say: z.literal('cancel'), reason: z.enum(CANCEL_REASONS).catch('cancelled') });

const Statement = z.discriminatedUnion('say', [Propose, Go, Skip, Refuse, Progress, End, Done, Cancel]);
export type Statement = z.infer<typeof Statement>;
export type Proposal = z.infer<typeof Propose>;
export type Refusal = z.infer<typeof Refuse>['reason'];
export type Conclusion = z.infer<typeof Done>['outcome'];
export type CancelReason = z.infer<typeof Cancel>['reason'];
const KNOWN: ReadonlySet<string> = new Set(Statement.options.map((option) => option.shape.say.value));

export type Frame =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** A stretch of the list of chunk hashes, in order. */
  | { readonly kind: 'hashes'; readonly hashes: Uint8Array }
  /** Bytes of the file that begin at `start`. */
  | { readonly kind: 'piece'; readonly start: number; readonly bytes: Uint8Array }
  | { readonly kind: 'statement'; readonly statement: Statement }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'malformed'; readonly detail: string };

export const STATEMENT_TAG = 0;
export const BYTES_TAG = 1;
export const HASHES_TAG = 2;
export const PIECE_TAG = 3;
/** The tag, and where the piece begins: an unsigned 64-bit number, most significant byte first. */
export const PIECE_HEADER_BYTES = 1 + 8;

/** Undefined for what is no person's word, but the machine's. */
export function usersWordIn(statement: Statement): UsersWord | undefined {
  return statement.say === 'cancel' ? USERS_WORDS.find((word) => word === statement.reason) : undefined;
}

export function encodeStatement(statement: Statement): Uint8Array {
  return Buffer.concat([Buffer.of(STATEMENT_TAG), Buffer.from(JSON.stringify(statement))]);
}

export function encodeHashes(hashes: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.of(HASHES_TAG), hashes]);
}

/** Writes the header of a piece into the message's first `PIECE_HEADER_BYTES`. */
export function writePieceHeader(message: Uint8Array, start: number): void {
  message[0] = PIECE_TAG;
  new DataView(message.buffer, message.byteOffset).setBigUint64(1, BigInt(start));
}

/** Bytes and hashes are views into the message. */
export function decodeFrame(message: Uint8Array): Frame {
  const body = message.subarray(1);
  switch (message[0]) {
    case BYTES_TAG:
      return ofFittingLength(body) ? { kind: 'bytes', bytes: body } : tooLongOrEmpty(body);
    case HASHES_TAG:
      return ofFittingLength(body) ? { kind: 'hashes', hashes: body } : tooLongOrEmpty(body);
    case PIECE_TAG:
      return decodePiece(message);
    case STATEMENT_TAG:
      return decodeStatement(body, Statement, KNOWN);
    default:
      return { kind: 'malformed', detail: `a message with the tag ${message[0]}` };
  }
}

function decodePiece(message: Uint8Array): Frame {
  const bytes = message.subarray(PIECE_HEADER_BYTES);
  if (!ofFittingLength(bytes, TRANSFER_LONG_MESSAGE_BYTES)) return tooLongOrEmpty(bytes);
  const start = Number(new DataView(message.buffer, message.byteOffset).getBigUint64(1));
  if (!Number.isSafeInteger(start)) return { kind: 'malformed', detail: `bytes at ${start}` };
  return { kind: 'piece', start, bytes };
}

function ofFittingLength(bytes: Uint8Array, most = TRANSFER_MESSAGE_BYTES): boolean {
  return bytes.length > 0 && bytes.length <= most;
}

function tooLongOrEmpty(bytes: Uint8Array): Frame {
  return { kind: 'malformed', detail: `a message of ${bytes.length} bytes of a file` };
}
