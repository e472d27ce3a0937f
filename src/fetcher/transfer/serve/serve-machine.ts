/**
 * The source's side of a sub-transfer, without any IO.
 *
 * Invariants: no byte leaves before a GO, and none that the GO did not ask for; 'complete' is the receiver's word, not
 * ours; after `ended` there are no effects. No input sequence makes it throw.
 */
import { never } from '../../../never.ts';
import type { Milliseconds } from '../../../ports.ts';
import type { AnnouncedFile } from '../../ports.ts';
import type { Range } from '../../ranges.ts';
import { move, type Step, stay } from '../step.ts';
import { STOPPED_OUTCOMES } from '../stop-signals.ts';
import { type CancelReason, type Conclusion, type Statement, TRANSFER_VERSION } from '../transfer-frame.ts';
import { listen, outcomeOfCancel, type SubTransferOutcome, type Tick, type TransferInput } from '../transfer-input.ts';

export type ServeState =
  | (Underway & { readonly phase: 'awaiting-go' })
  | (Underway & { readonly phase: 'sending' })
  | (Underway & { readonly phase: 'awaiting-done' })
  | { readonly phase: 'ended'; readonly outcome: SubTransferOutcome; readonly bytes: number };

interface Underway {
  readonly file: AnnouncedFile;
  /** Of a file in chunks: so many bytes the receiver had already, by its own word. Otherwise 0. */
  readonly held: number;
  /** How far it came: the end of the last byte that was sent; of a file in chunks, what was held and what was sent. */
  readonly position: number;
  readonly heardAt: Milliseconds;
}

export type ServeInput =
  | TransferInput
  /** Bytes have left, and we have come to `position`; of a file in chunks, so many have. The link moves, so the receiver is there. */
  | { readonly kind: 'sent'; readonly position: number; readonly at: Milliseconds }
  | { readonly kind: 'sent-all'; readonly at: Milliseconds }
  /** Our own file cannot be read. */
  | { readonly kind: 'source-failed' };

export type ServeEffect =
  | { readonly kind: 'say'; readonly statement: Statement }
  /** After what is being sent. With `hashes`, the list of chunk hashes goes before the ranges. */
  | { readonly kind: 'send'; readonly ranges: readonly Range[]; readonly hashes: boolean }
  /** Do not send what has not been sent of these. */
  | { readonly kind: 'skip'; readonly ranges: readonly Range[] }
  | { readonly kind: 'started'; readonly start: number }
  /** We have come to `position`. */
  | { readonly kind: 'moved'; readonly position: number }
  /** Of a file in chunks, the receiver has so many bytes by now, from us and from others. */
  | { readonly kind: 'told'; readonly held: number }
  | { readonly kind: 'ended'; readonly outcome: SubTransferOutcome; readonly bytes: number };

type ServeStep = Step<ServeState, ServeEffect>;

export function startServing(file: AnnouncedFile, at: Milliseconds): ServeStep {
  const { conversation, interaction, fileId, totalSize, digest } = file;
  const statement: Statement = {
    say: 'propose',
    v: TRANSFER_VERSION,
    conversation,
    interaction,
    fileId,
    totalSize,
    sha3sum: digest,
    ...(!file.chunks && { chunks: false as const }),
  };
  return move<ServeState, ServeEffect>(
    { phase: 'awaiting-go', file, held: 0, position: 0, heardAt: at },
    { kind: 'say', statement },
  );
}

export function serveStep(state: ServeState, input: ServeInput): ServeStep {
  if (state.phase === 'ended') return stay(state);
  switch (input.kind) {
    case 'said':
      return onStatement({ ...state, heardAt: input.at }, input.statement);
    case 'bytes':
    case 'piece':
    case 'hashes':
    case 'malformed':
      return end(state, 'protocol-broken');
    case 'closed':
    case 'source-failed':
      return end(state, 'interrupted');
    case 'tick':
      return onTick(state, input);
    case 'stopped':
      return endAs(state, STOPPED_OUTCOMES[input.reason], input.reason);
    case 'sent':
      return onSent({ ...state, heardAt: input.at }, input.position);
    case 'sent-all':
      if (state.phase !== 'sending' || isInChunks(state)) return stay(state);
      return move<ServeState, ServeEffect>(
        { ...state, phase: 'awaiting-done', heardAt: input.at },
        { kind: 'say', statement: { say: 'end' } },
      );
    default:
      return never(input);
  }
}

type Talking = Exclude<ServeState, { phase: 'ended' }>;

function onStatement(state: Talking, statement: Statement): ServeStep {
  switch (statement.say) {
    case 'go':
      return onGo(state, statement);
    case 'skip':
      return onSkip(state, statement.ranges);
    case 'refuse':
      return state.phase === 'awaiting-go' ? leave(state, 'refused') : end(state, 'protocol-broken');
    case 'progress':
      return move(state, ...told(state, statement.bytes));
    case 'done':
      return onDone(state, statement.outcome);
    case 'cancel':
      return leave(state, outcomeOfCancel(statement.reason));
    case 'propose':
    case 'end':
      return end(state, 'protocol-broken');
    default:
      return never(statement);
  }
}

function onGo(state: Talking, { ranges, hashes, held }: Statement & { say: 'go' }): ServeStep {
  const isInTurn = state.phase === 'awaiting-go' || (state.phase === 'sending' && isInChunks(state));
  const isRight = areRangesOf(ranges, state.file.totalSize) && (!hashes || isInChunks(state));
  if (!isInTurn || !isRight) return end(state, 'protocol-broken');
  const send: ServeEffect = { kind: 'send', ranges, hashes: hashes === true };
  if (state.phase === 'sending') return move<ServeState, ServeEffect>(state, ...told(state, held), send);
  const start = isInChunks(state) ? atMostAll(state, held ?? 0) : (ranges[0]?.[0] ?? state.file.totalSize);
  return move<ServeState, ServeEffect>(
    { ...state, phase: 'sending', held: isInChunks(state) ? start : 0, position: start },
    { kind: 'started', start },
    send,
  );
}

function onSent(state: Talking, sent: number): ServeStep {
  const position = atMostAll(state, state.held + sent);
  return move<ServeState, ServeEffect>({ ...state, position }, { kind: 'moved', position });
}

/** A file without chunks comes from one source, which knows by itself how far it is. */
function told(state: Talking, held: number | undefined): readonly ServeEffect[] {
  return held !== undefined && isInChunks(state) ? [{ kind: 'told', held: atMostAll(state, held) }] : [];
}

/** Bytes may be sent twice, and a receiver may say what it likes. */
function atMostAll({ file }: Talking, bytes: number): number {
  return Math.min(file.totalSize, bytes);
}

function onSkip(state: Talking, ranges: readonly Range[]): ServeStep {
  const isRight = state.phase === 'sending' && isInChunks(state) && areRangesOf(ranges, state.file.totalSize);
  return isRight ? move<ServeState, ServeEffect>(state, { kind: 'skip', ranges }) : end(state, 'protocol-broken');
}

/** Then the receiver asks for what it wants when it wants it, and only it knows when that was all. */
function isInChunks({ file }: Talking): boolean {
  return file.chunks !== undefined;
}

/** Ascending, apart, none empty, none beyond the end: so that nobody makes us read more than the file, or in circles. */
function areRangesOf(ranges: readonly Range[], totalSize: number): boolean {
  let from = 0;
  for (const [start, stop] of ranges) {
    if (start < from || stop <= start || stop > totalSize) return false;
    from = stop;
  }
  return true;
}

function onDone(state: Talking, conclusion: Conclusion): ServeStep {
  if (conclusion !== 'verified') return leave(state, conclusion);
  const hasAll = state.phase === 'awaiting-done' || (state.phase === 'sending' && isInChunks(state));
  return hasAll ? leave(state, 'complete') : end(state, 'protocol-broken');
}

function onTick(state: Talking, tick: Tick): ServeStep {
  const { heardAt, isSilent } = listen(state.heardAt, tick);
  return isSilent ? end(state, 'silent') : stay({ ...state, heardAt });
}

/** The receiver had the last word. */
function leave(state: Talking, outcome: SubTransferOutcome): ServeStep {
  const ended = { outcome, bytes: state.position };
  return move<ServeState, ServeEffect>({ phase: 'ended', ...ended }, { kind: 'ended', ...ended });
}

/** We have the last word. */
function end(state: Talking, outcome: SubTransferOutcome & CancelReason): ServeStep {
  return endAs(state, outcome, outcome);
}

/** What we write down may have another name than what we tell. */
function endAs(state: Talking, outcome: SubTransferOutcome, reason: CancelReason): ServeStep {
  const { state: ended, effects } = leave(state, outcome);
  return move<ServeState, ServeEffect>(ended, { kind: 'say', statement: { say: 'cancel', reason } }, ...effects);
}
