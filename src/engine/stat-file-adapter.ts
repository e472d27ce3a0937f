import { stat } from 'node:fs/promises';
import { fileFailure, SyncError } from '../errors.ts';

/** Size in bytes of a regular file, links followed. Throws FILE_FAILED for anything else. */
export async function statFile(path: string): Promise<{ readonly size: number }> {
  const stats = await stat(path).catch((error: unknown) => {
    throw fileFailure(path, error);
  });
  if (!stats.isFile()) throw new SyncError('FILE_FAILED', { path, detail: 'it is no file' });
  return { size: stats.size };
}
