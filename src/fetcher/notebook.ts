import type { JournalRecord } from '../events/journal-record.ts';

/** Writes to the journal in order, without making the writer wait. */
export interface Notebook {
  /** What is noted together is written together. */
  note(...records: readonly JournalRecord[]): void;
  /** Resolves when all that was noted is in the journal; rejects, once, when some of it could not be written. */
  written(): Promise<void>;
}

/** A record that cannot be written, as on a full disk, does not keep later ones from being tried. */
export function createNotebook(record: (...records: readonly JournalRecord[]) => Promise<void>): Notebook {
  let writing = Promise.resolve();
  let failures: unknown[] = [];
  return {
    note(...facts) {
      writing = writing
        .then(() => record(...facts))
        .catch((error: unknown) => {
          failures.push(error);
        });
    },
    async written() {
      await writing;
      const [first] = failures;
      failures = [];
      if (first !== undefined) throw first;
    },
  };
}
