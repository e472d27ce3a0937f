import { open } from 'node:fs/promises';

/** Makes names that were just created or renamed in the folder survive a power failure. */
export async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
