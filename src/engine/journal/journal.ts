import type { JournalRecord } from '../../events/journal-record.ts';

export interface JournalEntry {
  readonly position: number;
  readonly record: JournalRecord;
}

/**
 * This device's own stream of facts: append-only, in the order of arrival.
 *
 * Invariants: what `append` has resolved for survives the death of the process; records of one append stay together;
 * positions start at 0 and have no gaps. One writer: whoever opened it closes it.
 */
export interface Journal extends AsyncDisposable {
  /** Records so far; also the position of the next one. */
  readonly length: number;
  /** Appends all or nothing; resolves to the position of the first of them. */
  append(records: readonly JournalRecord[]): Promise<number>;
  /** Has all that was appended survive a power failure as well. Throws DISK_FULL, FILE_FAILED. */
  flush(): Promise<void>;
  /** The records from a position up to the end as it is now. Throws STORE_CORRUPT, naming the position, at one that cannot be read. */
  read(from: number): AsyncIterable<JournalEntry>;
  /** What the first so many records come to: another text when any of them is another. Throws STORE_CORRUPT. */
  fingerprint(length: number): Promise<string>;
  close(): Promise<void>;
}
