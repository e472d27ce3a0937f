/**
 * One device's share of a file's moving, as the journal tells it: a step machine without any IO.
 * `docs/transfers.md` has its picture.
 */
import type { List } from 'immutable';
import type { RecordOf, SUB_TRANSFER_FAILURES } from '../../events/journal-record.ts';
import type { DeviceId } from '../../ids.ts';
import { SUB_TRANSFERS_KEPT } from '../../limits.ts';
import { never } from '../../never.ts';

/** How a sub-transfer can end, but for the good way. */
export type SubTransferFailure = (typeof SUB_TRANSFER_FAILURES)[number];

/** What went wrong, where nobody wanted it so. */
export type SubTransferTrouble = Exclude<SubTransferFailure, 'cancelled' | 'refused' | 'paused-here' | 'paused-there'>;

export type SubTransferState =
  /** The device was told of the file; it has not answered, or is about to ask for it. */
  | { readonly phase: 'offered' }
  /** Its user has to decide. */
  | { readonly phase: 'awaiting-acceptance' }
  | { readonly phase: 'running' }
  | { readonly phase: 'complete' }
  | { readonly phase: 'paused'; readonly by: 'us' | 'peer' }
  | { readonly phase: 'refused' }
  | { readonly phase: 'cancelled' }
  | { readonly phase: 'failed'; readonly failure: SubTransferTrouble };

export type SubTransferFact = RecordOf<
  'sub-transfer-offered' | 'offer-answered' | 'sub-transfer-started' | 'sub-transfer-progressed' | 'sub-transfer-ended'
>;

export type SubTransfer = {
  readonly peer: DeviceId;
  readonly direction: 'receiving' | 'serving';
  /** First byte that moved in the latest try, or how many bytes the device had of a file in chunks: not 0 on a resume. */
  readonly start: number;
  /** How far it got: bytes of the file up to here are safe on disk, or sent. */
  readonly bytes: number;
  /** When the latest try began; before any byte moved, when the device was first told of the file. */
  readonly startedAt: number;
  /** Of the latest record about it: its end, once it has ended. */
  readonly lastAt: number;
} & SubTransferState;

/** `undefined` is the state of a device that was never told of the file, and never asked for it. */
export function subTransferStep(
  state: SubTransferState | undefined,
  fact: SubTransferFact,
): SubTransferState | undefined {
  switch (fact.kind) {
    case 'sub-transfer-offered':
      return onOffered(state);
    case 'offer-answered':
      return onAnswered(state, fact.answer);
    case 'sub-transfer-started':
      return { phase: 'running' };
    case 'sub-transfer-progressed':
      return state;
    case 'sub-transfer-ended':
      return state && isOpen(state) ? endedAs(fact.outcome) : state;
    default:
      return never(fact);
  }
}

/** Said again it changes nothing; said after an end it is a new beginning. */
function onOffered(state: SubTransferState | undefined): SubTransferState {
  const isNews = !state || (!isOpen(state) && state.phase !== 'complete');
  return isNews ? { phase: 'offered' } : state;
}

/** What moves, or has arrived, is not stopped by a word about an offer; that it is there already counts always. */
function onAnswered(
  state: SubTransferState | undefined,
  answer: RecordOf<'offer-answered'>['answer'],
): SubTransferState {
  if (answer === 'has-it') return { phase: 'complete' };
  if (state?.phase === 'running' || state?.phase === 'complete') return state;
  switch (answer) {
    case 'accepted':
      return { phase: 'offered' };
    case 'awaiting':
      return { phase: 'awaiting-acceptance' };
    case 'refused':
    case 'cancelled':
      return state?.phase === answer ? state : { phase: answer };
    case 'paused':
      return { phase: 'paused', by: 'peer' };
    default:
      return never(answer);
  }
}

function endedAs(outcome: RecordOf<'sub-transfer-ended'>['outcome']): SubTransferState {
  switch (outcome) {
    case 'complete':
    case 'refused':
    case 'cancelled':
      return { phase: outcome };
    case 'paused-here':
      return { phase: 'paused', by: 'us' };
    case 'paused-there':
      return { phase: 'paused', by: 'peer' };
    default:
      return { phase: 'failed', failure: outcome };
  }
}

/** It has not ended: bytes move, or may move as soon as the device says so. */
export function isOpen({ phase }: Pick<SubTransferState, 'phase'>): boolean {
  return phase === 'running' || phase === 'offered' || phase === 'awaiting-acceptance';
}

/** The latest share that fulfils the condition. `findLast` of the list would make a sequence for each look. */
export function latestShare(
  all: List<SubTransfer>,
  condition: (share: SubTransfer) => boolean,
): SubTransfer | undefined {
  const index = latestIndex(all, condition);
  return index < 0 ? undefined : all.get(index);
}

function latestIndex(all: List<SubTransfer>, condition: (share: SubTransfer) => boolean): number {
  for (let index = all.size - 1; index >= 0; index--) {
    const share = all.get(index);
    if (share && condition(share)) return index;
  }
  return -1;
}

/** Each device has one share in each direction, in the order their latest tries began. */
export function evolveSubTransfers(all: List<SubTransfer>, fact: SubTransferFact): List<SubTransfer> {
  const direction = directionOf(fact);
  const index = latestIndex(all, (one) => one.peer === fact.peer && one.direction === direction);
  const before = index < 0 ? undefined : all.get(index);
  const state = subTransferStep(before, fact);
  const hasMoved = fact.kind === 'sub-transfer-progressed' && before?.phase === 'running';
  if (!state || (state === before && !hasMoved)) return all;
  const after = { ...figures(before, fact), ...bare(state) };
  const isNewTry = !before || fact.kind === 'sub-transfer-started';
  if (!isNewTry) return all.set(index, after);
  return makeRoom(before ? all.delete(index) : all).push(after);
}

type Figures = Omit<SubTransfer, keyof SubTransferState>;

function figures(before: SubTransfer | undefined, fact: SubTransferFact): Figures {
  const { peer, at } = fact;
  const direction = directionOf(fact);
  const start = fact.kind === 'sub-transfer-started' ? fact.start : 0;
  if (!before || fact.kind === 'sub-transfer-started')
    return { peer, direction, start, bytes: start, startedAt: at, lastAt: at };
  const { bytes, startedAt } = before;
  const hasMoved = before.phase === 'running' && 'bytes' in fact;
  return { peer, direction, start: before.start, startedAt, bytes: hasMoved ? fact.bytes : bytes, lastAt: at };
}

/** The state alone, when it comes with a whole share's figures. */
function bare(state: SubTransferState): SubTransferState {
  switch (state.phase) {
    case 'paused':
      return { phase: state.phase, by: state.by };
    case 'failed':
      return { phase: state.phase, failure: state.failure };
    default:
      return { phase: state.phase };
  }
}

/** Only a holder offers; only a receiver reports progress: what it has flushed. */
function directionOf(fact: SubTransferFact): SubTransfer['direction'] {
  if ('direction' in fact) return fact.direction;
  return fact.kind === 'sub-transfer-progressed' ? 'receiving' : 'serving';
}

function makeRoom(all: List<SubTransfer>): List<SubTransfer> {
  if (all.size < SUB_TRANSFERS_KEPT) return all;
  const oldest = all.findIndex((one) => !isOpen(one));
  return oldest < 0 ? all : all.delete(oldest);
}
