/** What the event loop and a hashing worker say to each other about any job. `job` tells the ones under way apart. */
import { fileFailure, isSyncError, SyncError } from '../../errors.ts';

export interface HashDrop {
  readonly kind: 'drop';
  readonly job: number;
}

/** A file could not be read as far as asked, or not be written. The job is over. */
export interface HashFailed {
  readonly kind: 'failed';
  readonly job: number;
  readonly path: string;
  readonly detail: string;
  readonly isDiskFull: boolean;
}

/** What a failure comes to on the way to the other thread. */
export function hashFailed(job: number, path: string, error: unknown): HashFailed {
  const failure = fileFailure(path, error);
  const about = isSyncError(failure, 'FILE_FAILED') ? failure.data : { path, detail: failure.message };
  return { kind: 'failed', job, ...about, isDiskFull: isSyncError(failure, 'DISK_FULL') };
}

/** And what it is there. */
export function failureOf({ path, detail, isDiskFull }: HashFailed): SyncError {
  return isDiskFull ? new SyncError('DISK_FULL', { path }) : new SyncError('FILE_FAILED', { path, detail });
}
