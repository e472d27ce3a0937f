/** To whom own files are offered, and what is said to an offer. */
import type { OfferAnswer } from '../../events/peer/file-offer.ts';
import type { DeviceId } from '../../ids.ts';
import type { FileAnnouncement } from '../files.ts';
import type { FileRecord } from './file-record.ts';
import { latestShare, type SubTransfer } from './sub-transfers.ts';
import { withheldBy } from './withheld.ts';

/** Only the device that announced a file offers it, while it holds it and its user gives it away. */
export function isOffered(file: FileAnnouncement, record: FileRecord | undefined, self: DeviceId): boolean {
  if (file.device !== self || file.isDeleted) return false;
  return record?.presence.kind === 'verified' && withheldBy(record.wish) === undefined;
}

/** A device that has the file, takes it, or said no, is not told again, unless our user took a word back since. */
export function isToBeTold(record: FileRecord | undefined, device: DeviceId): boolean {
  const share = shareOf(record, device);
  if (!share || !SETTLED.has(share.phase)) return true;
  return share.phase === 'cancelled' && share.lastAt <= (record?.saidAt ?? Number.NEGATIVE_INFINITY);
}

export function shareOf(record: FileRecord | undefined, device: DeviceId): SubTransfer | undefined {
  return (
    record && latestShare(record.subTransfers, ({ peer, direction }) => peer === device && direction === 'serving')
  );
}

const SETTLED: ReadonlySet<SubTransfer['phase']> = new Set(['complete', 'running', 'refused', 'cancelled']);

/** Undefined for a file that was taken back: there is nothing to say. */
export function answerToOffer(input: {
  readonly file: FileAnnouncement;
  readonly record: FileRecord | undefined;
  /** User or policy want it. */
  readonly isWanted: boolean;
}): OfferAnswer | undefined {
  const { file, record, isWanted } = input;
  if (file.isDeleted) return undefined;
  if (record?.presence.kind === 'verified') return 'has-it';
  if (record?.wish !== undefined && record.wish !== 'accepted') return record.wish;
  return isWanted ? 'accepted' : 'awaiting';
}
