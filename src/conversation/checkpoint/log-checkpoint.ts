import type { Rows } from '../log/interaction-store.ts';

/**
 * What was read of a log, kept beside it so that opening it reads no commit again. Never truth: whatever is missing, torn
 * or damaged is read from the log.
 */
export interface LogCheckpoint {
  /** What was kept, a stretch at a time, parents first. Ends where it is not as it was written, or cannot be read. */
  load(): AsyncIterable<Rows>;
  /** Keeps more, on top of what `load` gave. Throws FILE_FAILED, DISK_FULL. */
  append(stretches: Iterable<Rows>): Promise<void>;
  /** Keeps nothing any more. */
  drop(): Promise<void>;
}
