import type { RecordOf } from '../events/journal-record.ts';
import type { CommitId } from '../ids.ts';
import { announcedFiles, type FileAnnouncement, type FilesState } from './files.ts';
import type { FileRecord } from './journal/file-record.ts';
import { bytesOf } from './journal/held-bytes.ts';
import type { JournalState } from './journal/journal-state.ts';

export interface MissingFile {
  readonly file: FileAnnouncement;
  readonly state: RecordOf<'file-found-lacking'>['state'];
  /** What is here of it, or lies in its place: as last looked at, with what was checked and journalled since. */
  readonly bytes: number;
}

/** Announced, not deleted, and not complete on this device; oldest first. */
export function missingFiles(files: FilesState, journal: JournalState): readonly MissingFile[] {
  const missing: MissingFile[] = [];
  for (const file of announcedFiles(files)) {
    const lack = file.isDeleted ? undefined : lackOf(journal.files.get(file.interaction));
    if (lack) missing.push({ file, ...lack });
  }
  return missing;
}

/** Undefined when the file is not announced, was taken back, or is here. */
export function missingFile(files: FilesState, journal: JournalState, interaction: CommitId): MissingFile | undefined {
  const file = files.announced.get(interaction);
  const lack = file && !file.isDeleted ? lackOf(journal.files.get(interaction)) : undefined;
  return file && lack && { file, ...lack };
}

/** Undefined when the file is here. */
export function lackOf(record: FileRecord | undefined): Omit<MissingFile, 'file'> | undefined {
  const presence = record?.presence ?? { kind: 'never-seen' };
  if (presence.kind === 'verified') return undefined;
  const bytes = bytesOf(record);
  const found = presence.kind === 'lacking' ? presence.state : 'missing';
  return { state: found === 'missing' && bytes > 0 ? 'partial' : found, bytes };
}
