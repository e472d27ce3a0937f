import { readdir } from 'node:fs/promises';
import { errorCodeOf } from './error-code.ts';
import { fileFailure } from './errors.ts';

/**
 * The names in a folder; none where there is no such folder. One that cannot be read is no empty one, though it may be
 * for a moment only, when too many files are open. Throws FILE_FAILED.
 */
export async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return [];
    throw fileFailure(folder, error);
  }
}
