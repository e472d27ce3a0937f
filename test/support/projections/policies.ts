/** Files, records and room for the policy to rule on. */
import type { JournalRecord } from '../../../src/events/journal-record.ts';
import { ConversationId, Digest, FileId } from '../../../src/ids.ts';
import type { FileAnnouncement } from '../../../src/projections/files.ts';
import {
  evolveJournal,
  initialJournalState,
  type JournalState,
} from '../../../src/projections/journal/journal-state.ts';
import { account, commitId, device } from '../events/interactions.ts';

export const conversationId = (n: number): ConversationId => ConversationId.parse(n.toString(16).padStart(40, 'c'));

/** The file that commit `id` announced; by account 1 from its device 1 unless told otherwise. */
export function fileOf({ id = 100, ...given }: { id?: number } & Partial<FileAnnouncement>): FileAnnouncement {
  const displayName = given.displayName ?? 'a.png';
  return {
    interaction: commitId(id),
    fileId: FileId.parse(`${commitId(id)}_7`),
    displayName,
    totalSize: 1000,
    digest: Digest.parse('b'.repeat(128)),
    author: account(1),
    device: device(1),
    committedAt: 1_795_000_000,
    isDeleted: false,
    ...given,
  };
}

export function journalOf(...records: readonly JournalRecord[]): JournalState {
  return records.reduce(evolveJournal, initialJournalState);
}

/** How records of one file begin. */
export function nameOf(file: FileAnnouncement, conversation = conversationId(1)) {
  return { conversation, interaction: file.interaction, fileId: file.fileId };
}
