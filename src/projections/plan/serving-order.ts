/** Which missing file goes before which. */
import type { CommitId, ConversationId } from '../../ids.ts';
import { QUICK_FILE_BYTES, SMALL_FILE_BYTES, SMALL_FILES_AT_ONCE, TRANSFERS_AT_ONCE } from '../../limits.ts';
import type { FileAnnouncement } from '../files.ts';
import type { FileRecord } from '../journal/file-record.ts';

/** An announced file with what this device knows about it. */
export interface KnownFile {
  readonly conversation: ConversationId;
  readonly file: FileAnnouncement;
  readonly record: FileRecord | undefined;
}

/** Small and quick files have slots of their own, so that they overtake big ones. */
export type Lane = 'small' | 'quick' | 'big';

export const LANES: readonly Lane[] = ['small', 'quick', 'big'];

/** Files that may be under way at once, over all conversations. */
export type Slots = Readonly<Record<Lane, number>>;

export const SLOTS: Slots = {
  small: SMALL_FILES_AT_ONCE,
  quick: TRANSFERS_AT_ONCE,
  big: TRANSFERS_AT_ONCE,
};

export function laneOf({ totalSize }: FileAnnouncement): Lane {
  if (totalSize <= SMALL_FILE_BYTES) return 'small';
  return totalSize <= QUICK_FILE_BYTES ? 'quick' : 'big';
}

/** A file's place in the order of serving. */
export interface Turn {
  readonly interaction: CommitId;
  readonly isAccepted: boolean;
  readonly committedAt: number;
}

export function turnOf({ file, record }: KnownFile): Turn {
  const { interaction, committedAt } = file;
  return { interaction, committedAt, isAccepted: record?.wish === 'accepted' };
}

/** What the user asked for first, then the newest; the same order everywhere, whatever came first. */
export function compareTurns(a: Turn, b: Turn): number {
  return (
    Number(b.isAccepted) - Number(a.isAccepted) ||
    b.committedAt - a.committedAt ||
    (a.interaction > b.interaction ? -1 : Number(a.interaction < b.interaction))
  );
}
