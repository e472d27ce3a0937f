/**
 * The messages of a data-transfer channel: one tag byte, then bytes of the file or a statement in JSON.
 *
 *     source                                receiver
 *     propose {v, …}                   →
 *                                      ←    go {ranges}          or  refuse {reason}
 *     bytes, bytes, …                  →
 *                                      ←    progress {bytes}     now and then
 *     end                              →
 *                                      ←    done {outcome}
 *
 * Either side may say `cancel` at any time. Fields and statements that are not known are ignored: they are newer than we are.
 */
import { z } from 'zod';
import { messageOf } from '../errors.ts';
import { CommitId, ConversationId, Digest, FileId } from '../ids.ts';
import { CONTROL_MESSAGE_BYTES, TRANSFER_MESSAGE_BYTES, TRANSFER_RANGES } from '../limits.ts';

export const TRANSFER_VERSION = 1;

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
});

/** Half-open intervals, ascending and apart from each other; the source sends them in this order. None: nothing is lacking but the verification. */
const Go = z.object({ say: z.literal('go'), ranges: z.array(z.tuple([bytes, bytes])).max(TRANSFER_RANGES) });

export const REFUSALS = ['not-wanted', 'wrong-proposal', 'unknown-version', 'busy'] as const;
const Refuse = z.object({ say: z.literal('refuse'), reason: z.enum(REFUSALS).catch('not-wanted') });

/** `bytes` of the file are here. Said also while nothing arrives, so that the source knows we are alive. */
const Progress = z.object({ say: z.literal('progress'), bytes });

const End = z.object({ say: z.literal('end') });

export const CONCLUSIONS = ['verified', 'wrong-digest', 'wrong-size', 'wrong-chunk', 'disk-full'] as const;
const Done = z.object({ say: z.literal('done'), outcome: z.enum(CONCLUSIONS) });

export const CANCEL_REASONS = ['cancelled', 'interrupted', 'silent', 'protocol-broken', 'paused'] as const;
const Cancel = z.object({ say: z.literal('cancel'), reason: z.enum(CANCEL_REASONS).catch('cancelled') });

const Statement = z.discriminatedUnion('say', [Propose, Go, Refuse, Progress, End, Done, Cancel]);
export type Statement = z.infer<typeof Statement>;
export type Proposal = z.infer<typeof Propose>;
export type Refusal = z.infer<typeof Refuse>['reason'];
export type Conclusion = z.infer<typeof Done>['outcome'];
export type CancelReason = z.infer<typeof Cancel>['reason'];
/** `[start, end)` in bytes. */
export type Range = readonly [start: number, end: number];

const KNOWN: ReadonlySet<unknown> = new Set(Statement.options.map((option) => option.shape.say.value));

export type Frame =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'statement'; readonly statement: Statement }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'malformed'; readonly detail: string };

export const STATEMENT_TAG = 0;
export const BYTES_TAG = 1;

export function encodeStatement(statement: Statement): Uint8Array {
  return Buffer.concat([Buffer.of(STATEMENT_TAG), Buffer.from(JSON.stringify(statement))]);
}

/** The bytes of a `bytes` frame are a view into the message. */
export function decodeFrame(message: Uint8Array): Frame {
  const body = message.subarray(1);
  switch (message[0]) {
    case BYTES_TAG:
      if (body.length > 0 && body.length <= TRANSFER_MESSAGE_BYTES) return { kind: 'bytes', bytes: body };
      return { kind: 'malformed', detail: `a message of ${body.length} bytes of a file` };
    case STATEMENT_TAG:
      return decodeStatement(body);
    default:
      return { kind: 'malformed', detail: `a message with the tag ${message[0]}` };
  }
}

function decodeStatement(body: Uint8Array): Frame {
  if (body.length > CONTROL_MESSAGE_BYTES) return { kind: 'malformed', detail: `a statement of ${body.length} bytes` };
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    const statement = Statement.safeParse(value);
    if (statement.success) return { kind: 'statement', statement: statement.data };
    const say = z.object({ say: z.string() }).safeParse(value);
    if (say.success && !KNOWN.has(say.data.say)) return { kind: 'unknown' };
    return { kind: 'malformed', detail: z.prettifyError(statement.error) };
  } catch (error) {
    return { kind: 'malformed', detail: messageOf(error) };
  }
}
