import { statfs } from 'node:fs/promises';

/** Bytes that this user may still write where the path is; undefined when the system does not tell. */
export async function freeBytes(path: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}
