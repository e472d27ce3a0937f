import type { FileHandle } from 'node:fs/promises';
import { SyncError } from '../../errors.ts';
import { withoutFirst } from './without-first.ts';

/** Fills all buffers, in order, from the position on. Throws FILE_FAILED when the file ends before that. */
export async function readFully(
  file: FileHandle,
  buffers: readonly Uint8Array[],
  { path, position }: { readonly path: string; readonly position: number },
): Promise<void> {
  let at = position;
  for (let left = [...buffers]; left.length > 0; ) {
    const { bytesRead } = await file.readv(left, at);
    if (bytesRead === 0) throw new SyncError('FILE_FAILED', { path, detail: 'it is shorter than it was' });
    at += bytesRead;
    left = withoutFirst(left, bytesRead);
  }
}
