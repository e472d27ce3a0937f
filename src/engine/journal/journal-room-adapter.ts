import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileFailure } from '../../errors.ts';

/** What the storage writes beside the records themselves. */
const BESIDE_BYTES = 64 * 1024;

/**
 * Tries out whether so many bytes could be written and flushed in the directory now. The storage itself does not say why it
 * cannot write, and cannot any more once it could not. Throws DISK_FULL, FILE_FAILED.
 */
export async function requireRoom(directory: string, bytes: number): Promise<void> {
  const path = join(directory, 'room.tmp');
  try {
    const file = await open(path, 'w');
    try {
      await file.writeFile(Buffer.alloc(bytes + BESIDE_BYTES));
      await file.datasync();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fileFailure(directory, error);
  } finally {
    await forgetTry(directory);
  }
}

/** One is left when the process is killed in the middle of it. */
export async function forgetTry(directory: string): Promise<void> {
  await rm(join(directory, 'room.tmp'), { force: true }).catch(() => {});
}
