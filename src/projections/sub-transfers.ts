/** One device's share of a file's moving, as the journal tells it. */
import type { List } from 'immutable';
import type { RecordOf, SUB_TRANSFER_FAILURES } from '../events/journal-record.ts';
import type { DeviceId } from '../ids.ts';
import { SUB_TRANSFERS_KEPT } from '../limits.ts';

/** How a sub-transfer can end, but for the good way. A pause is an end: the next start is a new sub-transfer. */
export type SubTransferFailure = (typeof SUB_TRANSFER_FAILURES)[number];

export type SubTransferPhase =
  /** Proposed to the device; its word is awaited. */
  | { readonly phase: 'offered' }
  | { readonly phase: 'running' }
  | { readonly phase: 'complete' }
  | { readonly phase: 'paused'; readonly by: 'us' | 'peer' }
  | { readonly phase: 'failed'; readonly failure: SubTransferFailure };

export type SubTransfer = {
  readonly peer: DeviceId;
  readonly direction: 'receiving' | 'serving';
  /** First byte that moved; not 0 on a resume. */
  readonly start: number;
  /** How far it got: bytes of the file up to here are safe on disk, or sent. */
  readonly bytes: number;
  readonly startedAt: number;
  /** Of the latest record about it: its end, once it has ended. */
  readonly lastAt: number;
} & SubTransferPhase;

/** Records about a sub-transfer that never began, or ended already, change nothing. */
export function evolveSubTransfers(
  all: List<SubTransfer>,
  record: RecordOf<'sub-transfer-offered' | 'sub-transfer-started' | 'sub-transfer-progressed' | 'sub-transfer-ended'>,
): List<SubTransfer> {
  if (record.kind === 'sub-transfer-offered') return makeRoom(all).push(offeredOf(record));
  if (record.kind === 'sub-transfer-started') return makeRoom(withoutOffer(all, record)).push(startedOf(record));
  const index = all.findLastIndex((one) => isMeant(one, record));
  const meant = index < 0 ? undefined : all.get(index);
  return meant ? all.set(index, advance(meant, record)) : all;
}

function startedOf({ peer, direction, start, at }: RecordOf<'sub-transfer-started'>): SubTransfer {
  return { peer, direction, start, bytes: start, startedAt: at, lastAt: at, phase: 'running' };
}

function offeredOf({ peer, at }: RecordOf<'sub-transfer-offered'>): SubTransfer {
  return { peer, direction: 'serving', start: 0, bytes: 0, startedAt: at, lastAt: at, phase: 'offered' };
}

/** The offer that was taken up is no offer any more. */
function withoutOffer(
  all: List<SubTransfer>,
  { peer, direction }: RecordOf<'sub-transfer-started'>,
): List<SubTransfer> {
  const offer = all.findLastIndex((one) => one.phase === 'offered' && one.peer === peer && one.direction === direction);
  return offer < 0 ? all : all.delete(offer);
}

function makeRoom(all: List<SubTransfer>): List<SubTransfer> {
  if (all.size < SUB_TRANSFERS_KEPT) return all;
  const oldest = all.findIndex((one) => !isOpen(one));
  return oldest < 0 ? all : all.delete(oldest);
}

/** Only a receiver reports progress: what it has flushed. */
function isMeant(one: SubTransfer, record: RecordOf<'sub-transfer-progressed' | 'sub-transfer-ended'>): boolean {
  const direction = record.kind === 'sub-transfer-progressed' ? 'receiving' : record.direction;
  return isOpen(one) && one.peer === record.peer && one.direction === direction;
}

/** It has not ended. */
export function isOpen({ phase }: Pick<SubTransfer, 'phase'>): boolean {
  return phase === 'running' || phase === 'offered';
}

function advance(one: SubTransfer, record: RecordOf<'sub-transfer-progressed' | 'sub-transfer-ended'>): SubTransfer {
  const { peer, direction, start, startedAt } = one;
  const moved = { peer, direction, start, startedAt, bytes: record.bytes, lastAt: record.at };
  if (record.kind === 'sub-transfer-progressed') return { ...moved, phase: 'running' };
  if (record.outcome === 'complete') return { ...moved, phase: 'complete' };
  if (record.outcome === 'paused-here') return { ...moved, phase: 'paused', by: 'us' };
  if (record.outcome === 'paused-there') return { ...moved, phase: 'paused', by: 'peer' };
  return { ...moved, phase: 'failed', failure: record.outcome };
}
