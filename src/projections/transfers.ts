import type { AccountUri, CommitId, ConversationId, DeviceId, FileId } from '../ids.ts';
import type { FileRecord } from './file-record.ts';
import type { FilesState } from './files.ts';
import type { JournalState } from './journal-state.ts';
import type { SubTransfer, SubTransferFailure } from './sub-transfers.ts';

export type TransferPhase = 'waiting' | 'running' | 'complete' | 'failed' | 'cancelled';

export interface SubTransferView {
  readonly peer: DeviceId;
  readonly phase: SubTransfer['phase'];
  readonly failure?: SubTransferFailure;
  /** Bytes of the file: where this share began and how far it got. */
  readonly start: number;
  readonly bytes: number;
  /** Milliseconds since the Unix epoch; `lastAt` is the end once it has ended. */
  readonly startedAt: number;
  readonly lastAt: number;
  /** Mean over what moved so far; absent before anything did. */
  readonly bytesPerSecond?: number;
}

/** The moving of one file to, or from, this device: the optimistic sum of its sub-transfers. */
export interface TransferView {
  readonly conversation: ConversationId;
  readonly interaction: CommitId;
  readonly fileId: FileId;
  readonly displayName: string;
  readonly author?: AccountUri;
  readonly direction: 'receiving' | 'serving';
  readonly phase: TransferPhase;
  readonly totalSize: number;
  /**
   * What is here of the file, or has left: safe so far, as journalled; a live view adds what arrived since. It never goes back
   * while the transfer is on its way, and is all of the file only when that is verified.
   */
  readonly bytes: number;
  /** Bytes that were asked for and are not here yet; while a file in chunks is received. */
  readonly inFlight?: number;
  readonly bytesPerSecond?: number;
  /** Milliseconds left at the rate of the last seconds, while running. */
  readonly etaMs?: number;
  /** Devices that send, or are sent to, at this moment. */
  readonly sources: number;
  readonly subTransfers: readonly SubTransferView[];
}

/** All transfers of a conversation the journal knows of: a file that is both received and served has two. */
export function transfers(files: FilesState, journal: JournalState): readonly TransferView[] {
  return [...journal.files.values()].flatMap((record) => {
    const views = [transferView(files, record, 'receiving'), transferView(files, record, 'serving')];
    return views.filter((view) => view !== undefined);
  });
}

/** Undefined when the file is not announced in this conversation, or nothing of it moves or is meant to move in that direction. */
export function transferView(
  files: FilesState,
  record: FileRecord,
  direction: 'receiving' | 'serving',
): TransferView | undefined {
  const file = files.announced.get(record.interaction);
  const subs = record.subTransfers.filter((sub) => sub.direction === direction).toArray();
  const isWanted = direction === 'receiving' && (record.wish !== undefined || record.asks.size > 0);
  if (!file || (subs.length === 0 && !isWanted)) return undefined;
  const phase = direction === 'receiving' ? receivingPhase(record, subs) : servingPhase(subs);
  const bytes = phase === 'complete' ? file.totalSize : bytesSoFar(record, subs);
  return {
    conversation: record.conversation,
    interaction: record.interaction,
    fileId: record.fileId,
    displayName: file.displayName,
    author: file.author,
    direction,
    phase,
    totalSize: file.totalSize,
    bytes,
    ...(phase === 'running' && pace(subs, file.totalSize - bytes)),
    sources: subs.filter((sub) => sub.phase === 'running').length,
    subTransfers: subs.map(subTransferView),
  };
}

/** Complete when the file is, whoever sent it; failed only when everybody has failed. */
function receivingPhase({ presence, wish }: FileRecord, subs: readonly SubTransfer[]): TransferPhase {
  if (subs.some(({ phase }) => phase === 'running')) return 'running';
  if (presence.kind === 'verified') return 'complete';
  if (wish === 'cancelled') return 'cancelled';
  return subs.length > 0 && subs.every(({ phase }) => phase === 'failed') ? 'failed' : 'waiting';
}

function servingPhase(subs: readonly SubTransfer[]): TransferPhase {
  if (subs.some(({ phase }) => phase === 'running')) return 'running';
  return subs.some(({ phase }) => phase === 'complete') ? 'complete' : 'failed';
}

/** What was checked of a file in chunks; else the farthest that any running share got; with none running, what a scan found, or where the last share ended. */
function bytesSoFar({ presence, checked }: FileRecord, subs: readonly SubTransfer[]): number {
  if (checked.length > 0) return checked.reduce((sum, [start, end]) => sum + end - start, 0);
  const running = subs.filter(({ phase }) => phase === 'running');
  if (running.length > 0) return Math.max(...running.map(({ bytes }) => bytes));
  const last = subs.at(-1);
  if (presence.kind === 'lacking' && presence.at >= (last?.lastAt ?? 0)) return presence.stamp.size;
  return last?.bytes ?? 0;
}

function pace(subs: readonly SubTransfer[], left: number): Pick<TransferView, 'bytesPerSecond' | 'etaMs'> {
  const running = subs.filter(({ phase }) => phase === 'running');
  const bytesPerSecond = running.reduce((sum, sub) => sum + (rateOf(sub) ?? 0), 0);
  return bytesPerSecond > 0 ? { bytesPerSecond, etaMs: Math.ceil((left / bytesPerSecond) * 1000) } : {};
}

function subTransferView(sub: SubTransfer): SubTransferView {
  const { peer, phase, start, bytes, startedAt, lastAt } = sub;
  const bytesPerSecond = rateOf(sub);
  return {
    peer,
    phase,
    ...(sub.phase === 'failed' && { failure: sub.failure }),
    start,
    bytes,
    startedAt,
    lastAt,
    ...(bytesPerSecond !== undefined && { bytesPerSecond }),
  };
}

function rateOf({ start, bytes, startedAt, lastAt }: SubTransfer): number | undefined {
  if (bytes <= start || lastAt <= startedAt) return undefined;
  return ((bytes - start) / (lastAt - startedAt)) * 1000;
}
