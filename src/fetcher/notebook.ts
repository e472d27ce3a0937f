import type { JournalRecord } from '../events/journal-record.ts';

/** Writes to the journal in order, without making the writer wait. */
export interface Notebook {
  note(record: JournalRecord): void;
  /** Resolves when all that was noted is in the journal; rejects when some of it is not. */
  written(): Promise<void>;
}

export function createNotebook(record: (record: JournalRecord) => Promise<void>): Notebook {
  let writing = Promise.resolve();
  return {
    note(fact) {
      writing = writing.then(() => record(fact));
      // Whoever waits for `written` hears of it.
      writing.catch(() => {});
    },
    written: () => writing,
  };
}
