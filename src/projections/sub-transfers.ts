/** One device's share of a file's moving, as the journal tells it. */
import type { List } from 'immutable';
import type { RecordOf, SUB_TRANSFER_FAILURES } from '../events/journal-record.ts';
import type { DeviceId } from '../ids.ts';
import { SUB_TRANSFERS_KEPT } from '../limits.ts';

export type SubTransferFailure = (typeof SUB_TRANSFER_FAILURES)[number];

export type SubTransferPhase =
  | { readonly phase: 'running' }
  | { readonly phase: 'complete' }
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
  record: RecordOf<'sub-transfer-started' | 'sub-transfer-progressed' | 'sub-transfer-ended'>,
): List<SubTransfer> {
  if (record.kind === 'sub-transfer-started') return makeRoom(all).push(startedOf(record));
  const index = all.findLastIndex((one) => isMeant(one, record));
  const meant = index < 0 ? undefined : all.get(index);
  return meant ? all.set(index, advance(meant, record)) : all;
}

function startedOf({ peer, direction, start, at }: RecordOf<'sub-transfer-started'>): SubTransfer {
  return { peer, direction, start, bytes: start, startedAt: at, lastAt: at, phase: 'running' };
}

function makeRoom(all: List<SubTransfer>): List<SubTransfer> {
  if (all.size < SUB_TRANSFERS_KEPT) return all;
  const oldest = all.findIndex(({ phase }) => phase !== 'running');
  return oldest < 0 ? all : all.delete(oldest);
}

/** Only a receiver reports progress: what it has flushed. */
function isMeant(one: SubTransfer, record: RecordOf<'sub-transfer-progressed' | 'sub-transfer-ended'>): boolean {
  const direction = record.kind === 'sub-transfer-progressed' ? 'receiving' : record.direction;
  return one.phase === 'running' && one.peer === record.peer && one.direction === direction;
}

function advance(one: SubTransfer, record: RecordOf<'sub-transfer-progressed' | 'sub-transfer-ended'>): SubTransfer {
  const { peer, direction, start, startedAt } = one;
  const moved = { peer, direction, start, startedAt, bytes: record.bytes, lastAt: record.at };
  if (record.kind === 'sub-transfer-progressed') return { ...moved, phase: 'running' };
  if (record.outcome === 'complete') return { ...moved, phase: 'complete' };
  return { ...moved, phase: 'failed', failure: record.outcome };
}
