/**
 * The receiver's side of a sub-transfer, without any IO.
 *
 * Invariants: no more bytes are appended than the log announced; `promote` follows nothing but a right digest of all
 * of them; after `ended` there are no effects. No input sequence makes it throw.
 */
import type { Digest } from '../../../ids.ts';
import { TRANSFER_CHECKPOINT_BYTES } from '../../../limits.ts';
import { never } from '../../../never.ts';
import type { Milliseconds } from '../../../ports.ts';
import type { AnnouncedFile } from '../../ports.ts';
import { move, type Step, stay } from '../step.ts';
import { STOPPED_OUTCOMES } from '../stop-signals.ts';
import { type Proposal, type Refusal, type Statement, TRANSFER_VERSION } from '../transfer-frame.ts';
import { outcomeOfCancel, type SubTransferOutcome, type Tick, type TransferInput } from '../transfer-input.ts';
import { lookAtSource, type SourceWatch } from './look-at-source.ts';

export type ReceiveState =
  | (Underway & { readonly phase: 'awaiting-proposal' })
  /** `checkpoint`: bytes at the last one. */
  | (Underway & { readonly phase: 'receiving'; readonly checkpoint: number })
  | (Underway & { readonly phase: 'verifying' })
  | (Underway & { readonly phase: 'promoting' })
  | { readonly phase: 'ended'; readonly outcome: SubTransferOutcome; readonly bytes: number };

interface Underway extends SourceWatch {
  readonly file: AnnouncedFile;
  /** Bytes that were here before. */
  readonly start: number;
}

export type ReceiveInput =
  | TransferInput
  | { readonly kind: 'digested'; readonly digest: Digest }
  | { readonly kind: 'promoted' }
  | { readonly kind: 'store-failed'; readonly isDiskFull: boolean };

export type ReceiveEffect =
  | { readonly kind: 'say'; readonly statement: Statement }
  | { readonly kind: 'append'; readonly bytes: Uint8Array }
  /** Flush, then note that so many bytes are safe. */
  | { readonly kind: 'checkpoint'; readonly bytes: number }
  /** Report the digest of all bytes, once they are written. */
  | { readonly kind: 'digest' }
  | { readonly kind: 'promote' }
  | { readonly kind: 'started'; readonly start: number }
  | { readonly kind: 'ended'; readonly outcome: SubTransferOutcome; readonly bytes: number; readonly partial: Remains };

/**
 * What becomes of the partial file: kept for a resume, cut back to what was here before, or thrown away; the last so
 * that the same source is asked again at once.
 */
export type Remains = 'keep' | 'cut-back' | 'discard' | 'start-over';

type ReceiveStep = Step<ReceiveState, ReceiveEffect>;

export function startReceiving(file: AnnouncedFile, start: number, at: Milliseconds): ReceiveState {
  return {
    phase: 'awaiting-proposal',
    file,
    start,
    received: start,
    heardAt: at,
    saidAt: at,
    pace: { since: at, bytes: start },
  };
}

export function receiveStep(state: ReceiveState, input: ReceiveInput): ReceiveStep {
  switch (state.phase) {
    case 'awaiting-proposal':
      return input.kind === 'said' && input.statement.say === 'propose'
        ? onProposal(state, input.statement, input.at)
        : whileTalking(state, input);
    case 'receiving':
      return whileReceiving(state, input);
    case 'verifying':
      return whileVerifying(state, input);
    case 'promoting':
      return whilePromoting(state, input);
    case 'ended':
      return stay(state);
    default:
      return never(state);
  }
}

function onProposal(state: Underway, proposal: Proposal, at: Milliseconds): ReceiveStep {
  if (proposal.v !== TRANSFER_VERSION) return refuse(state, 'unknown-version', 'refused');
  if (!isAsAnnounced(proposal, state.file)) return refuse(state, 'wrong-proposal', 'protocol-broken');
  const { start, file } = state;
  return move<ReceiveState, ReceiveEffect>(
    { ...state, phase: 'receiving', checkpoint: start, heardAt: at, saidAt: at, pace: { since: at, bytes: start } },
    { kind: 'started', start },
    { kind: 'say', statement: { say: 'go', ranges: start < file.totalSize ? [[start, file.totalSize]] : [] } },
  );
}

/** Whether a source proposes the very file that the log announces. */
export function isAsAnnounced(proposal: Proposal, file: AnnouncedFile): boolean {
  return (
    proposal.conversation === file.conversation &&
    proposal.interaction === file.interaction &&
    proposal.fileId === file.fileId &&
    proposal.totalSize === file.totalSize &&
    proposal.sha3sum === file.digest
  );
}

function whileReceiving(state: ReceiveState & { phase: 'receiving' }, input: ReceiveInput): ReceiveStep {
  if (input.kind === 'bytes') return onBytes(state, input.bytes, input.at);
  if (input.kind === 'said' && input.statement.say === 'end') {
    if (state.received < state.file.totalSize) return end(state, 'wrong-size');
    return move<ReceiveState, ReceiveEffect>({ ...state, phase: 'verifying', heardAt: input.at }, { kind: 'digest' });
  }
  return whileTalking(state, input);
}

function onBytes(state: ReceiveState & { phase: 'receiving' }, bytes: Uint8Array, at: Milliseconds): ReceiveStep {
  const received = state.received + bytes.length;
  // Before anything is written: a source must not fill the disk.
  if (received > state.file.totalSize) return end(state, 'wrong-size');
  const append: ReceiveEffect = { kind: 'append', bytes };
  if (received - state.checkpoint < TRANSFER_CHECKPOINT_BYTES) return move({ ...state, received, heardAt: at }, append);
  const next = { ...state, received, heardAt: at, checkpoint: received };
  return move<ReceiveState, ReceiveEffect>(next, append, { kind: 'checkpoint', bytes: received });
}

/** Before the last byte: what either phase has in common. */
function whileTalking(
  state: ReceiveState & { phase: 'awaiting-proposal' | 'receiving' },
  input: ReceiveInput,
): ReceiveStep {
  switch (input.kind) {
    case 'said':
      return input.statement.say === 'cancel'
        ? onCancelled(state, input.statement.reason)
        : end(state, 'protocol-broken');
    case 'bytes':
    case 'piece':
    case 'hashes':
    case 'malformed':
      return end(state, 'protocol-broken');
    case 'closed':
      return end(state, 'interrupted');
    case 'tick':
      return onTick(state, input);
    case 'stopped':
    case 'store-failed':
      return onOwnSide(state, input);
    case 'digested':
    case 'promoted':
      return stay(state);
    default:
      return never(input);
  }
}

/** All bytes are here. That the source is gone, or says something, changes nothing any more, except for one byte too many. */
function whileVerifying(state: ReceiveState & { phase: 'verifying' }, input: ReceiveInput): ReceiveStep {
  switch (input.kind) {
    case 'digested':
      if (input.digest !== state.file.digest) return onWrongDigest(state);
      return move<ReceiveState, ReceiveEffect>({ ...state, phase: 'promoting' }, { kind: 'promote' });
    case 'bytes':
    case 'piece':
      return end(state, 'wrong-size');
    case 'tick':
      return onTick(state, { ...input, isListening: false });
    case 'stopped':
    case 'store-failed':
      return onOwnSide(state, input);
    default:
      return stay(state);
  }
}

/** After a resume nobody knows whose bytes are the wrong ones: all of them go, and nobody is blamed before a try from zero. */
function onWrongDigest(state: Underway): ReceiveStep {
  if (state.start === 0) return end(state, 'wrong-digest');
  return end({ ...state, received: 0 }, 'interrupted', 'start-over');
}

/** The rename is under way; it cannot be taken back. */
function whilePromoting(state: ReceiveState & { phase: 'promoting' }, input: ReceiveInput): ReceiveStep {
  if (input.kind === 'promoted') return end(state, 'complete');
  if (input.kind === 'store-failed') return onOwnSide(state, input);
  return stay(state);
}

function onTick(state: Exclude<ReceiveState, { phase: 'ended' }>, tick: Tick): ReceiveStep {
  const look = lookAtSource(state, tick);
  if (look.kind === 'failed') return end(state, look.outcome);
  const watched = { ...state, ...look.watch };
  if (state.phase === 'awaiting-proposal' || !look.isWordDue) return stay(watched);
  const statement: Statement = { say: 'progress', bytes: state.received };
  return move<ReceiveState, ReceiveEffect>({ ...watched, saidAt: tick.at }, { kind: 'say', statement });
}

function onOwnSide(state: Underway, input: ReceiveInput & { kind: 'stopped' | 'store-failed' }): ReceiveStep {
  if (input.kind === 'store-failed') return end(state, input.isDiskFull ? 'disk-full' : 'interrupted');
  return end(state, STOPPED_OUTCOMES[input.reason], input.reason === 'cancelled' ? 'discard' : 'keep');
}

/** The source's cancel, unlike our user's, leaves what is here for another source. */
function onCancelled(state: Underway, reason: (Statement & { say: 'cancel' })['reason']): ReceiveStep {
  return end(state, outcomeOfCancel(reason));
}

function refuse(state: Underway, reason: Refusal, outcome: SubTransferOutcome): ReceiveStep {
  const ended = { outcome, bytes: state.received };
  return move<ReceiveState, ReceiveEffect>(
    { phase: 'ended', ...ended },
    { kind: 'say', statement: { say: 'refuse', reason } },
    { kind: 'ended', ...ended, partial: 'keep' },
  );
}

function end(state: Underway, outcome: SubTransferOutcome, partial: Remains = REMAINS[outcome]): ReceiveStep {
  const ended = { outcome, bytes: state.received };
  return move<ReceiveState, ReceiveEffect>(
    { phase: 'ended', ...ended },
    { kind: 'say', statement: LAST_WORDS[outcome] },
    { kind: 'ended', ...ended, partial },
  );
}

/** Bytes of a source that broke the rules are not worth keeping; those that were here before are not its own. */
const REMAINS: { readonly [Outcome in SubTransferOutcome]: Remains } = {
  complete: 'keep',
  interrupted: 'keep',
  silent: 'keep',
  'too-slow': 'keep',
  'wrong-size': 'cut-back',
  'wrong-digest': 'discard',
  cancelled: 'keep',
  refused: 'keep',
  'disk-full': 'keep',
  'disk-failed': 'keep',
  'protocol-broken': 'cut-back',
  'wrong-chunk': 'keep',
  'paused-here': 'keep',
  'paused-there': 'keep',
};

/** What the source is told when it is over. */
export const LAST_WORDS: { readonly [Outcome in SubTransferOutcome]: Statement } = {
  complete: { say: 'done', outcome: 'verified' },
  interrupted: { say: 'cancel', reason: 'interrupted' },
  silent: { say: 'cancel', reason: 'silent' },
  'too-slow': { say: 'cancel', reason: 'silent' },
  'wrong-size': { say: 'done', outcome: 'wrong-size' },
  'wrong-digest': { say: 'done', outcome: 'wrong-digest' },
  cancelled: { say: 'cancel', reason: 'cancelled' },
  refused: { say: 'refuse', reason: 'not-wanted' },
  'disk-full': { say: 'done', outcome: 'disk-full' },
  'disk-failed': { say: 'cancel', reason: 'interrupted' },
  'protocol-broken': { say: 'cancel', reason: 'protocol-broken' },
  'wrong-chunk': { say: 'done', outcome: 'wrong-chunk' },
  'paused-here': { say: 'cancel', reason: 'paused' },
  'paused-there': { say: 'cancel', reason: 'interrupted' },
};
