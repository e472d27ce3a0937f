import type { AccountUri, CommitId, ConversationId, DeviceId, FileId } from '../ids.ts';
import type { FileAnnouncement } from './files.ts';
import type { FileRecord } from './journal/file-record.ts';
import { bytesOf } from './journal/held-bytes.ts';
import type { SubTransfer, SubTransferState } from './journal/sub-transfers.ts';
import {
  isTakenBack,
  sharesOf,
  type TransferSituation,
  type TransferState,
  transferState,
  withState,
} from './transfer-state.ts';

/** The share of one device. */
export type SubTransferView = {
  readonly peer: DeviceId;
  /** Whose device it is; absent while the log has not told. */
  readonly account?: AccountUri;
  /** Bytes of the file: where this share began and how far it got. */
  readonly start: number;
  readonly bytes: number;
  /** Milliseconds since the Unix epoch; `lastAt` is the end once it has ended. */
  readonly startedAt: number;
  readonly lastAt: number;
  /** Mean over what moved so far; absent before anything did. */
  readonly bytesPerSecond?: number;
} & SubTransferState;

/** The moving of one file to, or from, this device: the optimistic sum of its sub-transfers. Sizes in bytes. */
export type TransferView = {
  readonly conversation: ConversationId;
  readonly interaction: CommitId;
  readonly fileId: FileId;
  readonly displayName: string;
  readonly author: AccountUri;
  readonly direction: 'receiving' | 'serving';
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
  /** One for each device that was told of the file, or moved bytes of it, but for those that our user halted and wants to go on. */
  readonly subTransfers: readonly SubTransferView[];
} & TransferState;

export interface TransferViewInput extends TransferSituation {
  readonly conversation: ConversationId;
  accountOf(device: DeviceId): AccountUri | undefined;
}

export function transferView(input: TransferViewInput): TransferView {
  const { conversation, file, direction } = input;
  const { interaction, fileId, displayName, author, totalSize } = file;
  const subs = sharesOf(input).flatMap((share) => answered(share, input.record));
  const state = transferState(input);
  const bytes = state.phase === 'complete' ? totalSize : bytesSoFar(input, subs);
  return {
    ...{ conversation, interaction, fileId, displayName, author, direction, totalSize, bytes },
    ...state,
    ...(state.phase === 'running' && pace(subs, totalSize - bytes)),
    sources: subs.filter(({ phase }) => phase === 'running').length,
    subTransfers: subs.map((sub) => subTransferView(sub, input.accountOf(sub.peer))),
  };
}

/**
 * In which directions a file has a transfer: it is received where it is missing or has come from a device, and served
 * where this device announced it, or some device was told of it or asked for it.
 */
export function directionsOf(
  { device, isDeleted }: Pick<FileAnnouncement, 'device' | 'isDeleted'>,
  { record, self }: { readonly record: FileRecord | undefined; readonly self: DeviceId },
): readonly TransferView['direction'][] {
  const hasMoved = (way: TransferView['direction']) => record?.subTransfers.some(({ direction }) => direction === way);
  const isMissing = record?.presence.kind !== 'verified' && !isDeleted;
  return [
    ...(isMissing || hasMoved('receiving') ? (['receiving'] as const) : []),
    ...(device === self || hasMoved('serving') ? (['serving'] as const) : []),
  ];
}

/** The farthest that a running share got; with none running, what lies here, or where the last share ended that was sent. */
function bytesSoFar({ record, direction }: TransferViewInput, subs: readonly SubTransfer[]): number {
  const running = subs.filter(({ phase }) => phase === 'running');
  const hasChecked = record !== undefined && record.checked.length > 0;
  if (direction === 'receiving' && (hasChecked || running.length === 0)) return bytesOf(record);
  return Math.max(0, ...(running.length > 0 ? running : subs.slice(-1)).map(({ bytes }) => bytes));
}

function pace(subs: readonly SubTransfer[], left: number): Pick<TransferView, 'bytesPerSecond' | 'etaMs'> {
  const running = subs.filter(({ phase }) => phase === 'running');
  const bytesPerSecond = running.reduce((sum, sub) => sum + (rateOf(sub) ?? 0), 0);
  return bytesPerSecond > 0 ? { bytesPerSecond, etaMs: Math.ceil((left / bytesPerSecond) * 1000) } : {};
}

/**
 * The share with what its device said last, when asked to go on: a word of our user that was taken back is none any more,
 * and that the device has halted it counts before how the last try ended.
 */
function answered(share: SubTransfer, record: FileRecord | undefined): readonly SubTransfer[] {
  const ask = record?.asks.get(share.peer);
  const isOver = share.phase !== 'running' && share.phase !== 'complete';
  if (share.direction === 'serving' || !isOver) return [share];
  if (ask?.outcome.kind === 'declined' && ask.outcome.reason === 'paused' && ask.at >= share.lastAt)
    return [withState(share, { phase: 'paused', by: 'peer' }, ask.at)];
  return isTakenBack(share, record?.saidAt) ? [] : [share];
}

function subTransferView(sub: SubTransfer, account: AccountUri | undefined): SubTransferView {
  const { direction: _, ...rest } = sub;
  const bytesPerSecond = rateOf(sub);
  return { ...rest, ...(account && { account }), ...(bytesPerSecond !== undefined && { bytesPerSecond }) };
}

function rateOf({ start, bytes, startedAt, lastAt }: SubTransfer): number | undefined {
  if (bytes <= start || lastAt <= startedAt) return undefined;
  return ((bytes - start) / (lastAt - startedAt)) * 1000;
}
