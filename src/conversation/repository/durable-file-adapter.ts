/** Files that are there whole or not at all, whenever the process or the machine stops. */
import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileFailure } from '../../errors.ts';

export interface DurableOptions {
  /** Where the temporary file is made; on the same file system as `path`. */
  readonly temporaryIn: string;
  readonly mode?: number;
  /** Off for what can be made again: then only a killed process is survived, not a power failure. */
  readonly flush?: boolean;
}

/** Names of temporary files begin so; git's own clean-up knows the name and takes away what is old. */
export const TEMPORARY_PREFIX = 'tmp_obj_';

function temporaryPath(directory: string): string {
  return join(directory, `${TEMPORARY_PREFIX}${randomBytes(8).toString('hex')}`);
}

/**
 * Temporary file, flush, rename. The directory of `path` must exist. Throws the file system's own error.
 * The new name itself is made to last by the next `flushDirectory`, or by the flush that moving a reference ends with.
 */
export async function writeDurably(path: string, bytes: Uint8Array | string, options: DurableOptions): Promise<void> {
  const temporary = temporaryPath(options.temporaryIn);
  try {
    const file = await open(temporary, 'wx', options.mode ?? 0o644);
    try {
      await file.writeFile(bytes);
      if (options.flush !== false) await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Makes new names in a directory survive a power failure. Where directories cannot be opened, the system does without. */
export async function flushDirectory(path: string): Promise<void> {
  try {
    const directory = await open(path, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'EISDIR' && code !== 'EPERM' && code !== 'EINVAL') throw fileFailure(path, error);
  }
}

/** Creates a directory if need be. Returns whether it was not there. */
export async function makeDirectory(path: string): Promise<boolean> {
  return (await mkdir(path, { recursive: true })) !== undefined;
}
