import type { JournalState } from '../../projections/journal/journal-state.ts';

/** The fold of the first records of a journal. */
export interface JournalFold {
  /** How many. */
  readonly length: number;
  readonly state: JournalState;
}

export interface KeptFold extends JournalFold {
  /** The journal's own, of these records: tells whether they are still the same. */
  readonly fingerprint: string;
}

/** The fold of a journal, kept beside it so that a start folds only what came since. Never truth: the journal is. */
export interface JournalCheckpoint {
  /** What was kept last; undefined when there is none, or not every byte is as it was written. */
  load(): Promise<KeptFold | undefined>;
  /** Takes the place of the one before, once it is on the disk. Throws FILE_FAILED, DISK_FULL. */
  keep(fold: KeptFold): Promise<void>;
}
