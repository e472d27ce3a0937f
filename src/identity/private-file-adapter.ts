/**
 * Small private files (0600): read whole, written to a temporary file, flushed, then put in place. Throws DISK_FULL and
 * FILE_FAILED.
 */
import { randomBytes } from 'node:crypto';
import { chmod, readdir, readFile, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createFile, flushDirectory, makeDirectory, removeEmpty } from '../durable-file-adapter.ts';
import { errorCodeOf } from '../error-code.ts';
import { fileFailure, SyncError } from '../errors.ts';
import { CERTIFICATE_BYTES } from '../limits.ts';

/** Undefined when there is no such file. Throws LIMIT_EXCEEDED for one that is longer than any of ours. */
export async function readSmallFile(path: string, limit = CERTIFICATE_BYTES): Promise<Buffer | undefined> {
  try {
    const { size } = await stat(path);
    if (size > limit) throw new SyncError('LIMIT_EXCEEDED', { what: `The size of ${path}`, limit, actual: size });
    return await readFile(path);
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return undefined;
    throw fileFailure(path, error);
  }
}

/**
 * Creates a file wherever a person wants it, also on disks that know no links. Throws FILE_FAILED when there is one already;
 * one that could not be written to its end is taken away again.
 */
export async function createPrivateFile(path: string, text: string): Promise<void> {
  try {
    const file = await createFile(path, 0o600);
    try {
      await file.fill(text);
      await file.flush();
    } catch (error) {
      await unlink(path);
      throw error;
    } finally {
      file.close();
    }
    await flushDirectory(dirname(path));
  } catch (error) {
    if (errorCodeOf(error) === 'EEXIST')
      throw new SyncError('FILE_FAILED', { path, detail: 'there is a file already; choose another name' });
    throw fileFailure(path, error);
  }
}

/** Replaces what is there. */
export async function writeFileDurably(path: string, text: string | Uint8Array): Promise<void> {
  await throughTemporaryFile(path, text, (temporary) => rename(temporary, path));
}

/**
 * A directory that only the user can enter. One that exists is narrowed only while it is empty: others may rely on the rest.
 * Returns what takes that back, for when nothing comes to stand in it.
 */
export async function makePrivateDirectory(path: string): Promise<() => Promise<void>> {
  try {
    const made = await makeDirectory(path, 0o700);
    if (made.length > 0) return () => removeEmpty(made);
    if (!(await isEmpty(path))) return async () => {};
    const { mode } = await stat(path);
    await chmod(path, 0o700);
    return () => widenEmpty(path, mode);
  } catch (error) {
    throw fileFailure(path, error);
  }
}

/** Somebody may have put something there meanwhile, and rely on nobody else getting in. */
async function widenEmpty(path: string, mode: number): Promise<void> {
  if (await isEmpty(path).catch(() => false)) await chmod(path, mode).catch(() => {});
}

async function isEmpty(path: string): Promise<boolean> {
  return (await readdir(path)).length === 0;
}

async function throughTemporaryFile(
  path: string,
  text: string | Uint8Array,
  place: (temporary: string) => Promise<void>,
) {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const file = await createFile(temporary, 0o600);
    try {
      await file.fill(text);
      await file.flush();
    } finally {
      file.close();
    }
    await place(temporary);
    await flushDirectory(dirname(path));
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw fileFailure(path, error);
  }
}
