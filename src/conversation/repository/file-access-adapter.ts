import { type FileHandle, open } from 'node:fs/promises';
import { createByteCache } from '../../byte-cache.ts';
import { fileFailure } from '../../errors.ts';
import type { RandomAccess } from './packs/random-access.ts';

/** Disposing it closes the file; a second time, nothing. */
export interface FileAccess extends RandomAccess, AsyncDisposable {}

const WINDOW_BYTES = 1024 * 1024;
const WINDOWS_HELD_BYTES = 32 * WINDOW_BYTES;

/** All of the file, or a stretch of it: up to its end unless the size is given. Throws FILE_FAILED. */
export async function openFileAccess(
  path: string,
  { start = 0, size }: Partial<Pick<FileStretch, 'start' | 'size'>> = {},
): Promise<FileAccess> {
  let file: FileHandle | undefined;
  try {
    const opened = await open(path, 'r');
    file = opened;
    const stretch = { start, size: size ?? (await opened.stat()).size - start };
    return { ...accessFile({ file: opened, path, ...stretch }), [Symbol.asyncDispose]: () => opened.close() };
  } catch (error) {
    await file?.close();
    throw fileFailure(path, error);
  }
}

export interface FileStretch {
  readonly file: FileHandle;
  /** For messages. */
  readonly path: string;
  /** Where the stretch begins in the file. */
  readonly start: number;
  readonly size: number;
}

/**
 * Reads a stretch of a file in large windows and keeps the last used ones: objects are small, lie together,
 * and one read through the thread pool costs as much as hundreds of them.
 */
export function accessFile({ file, path, start, size }: FileStretch): RandomAccess {
  const windows = createByteCache<number, Buffer>(WINDOWS_HELD_BYTES, (window) => window.byteLength);

  async function readFully(offset: number, length: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(length);
    let filled = 0;
    try {
      while (filled < length) {
        const { bytesRead } = await file.read(bytes, filled, length - filled, start + offset + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
    } catch (error) {
      throw fileFailure(path, error);
    }
    return bytes.subarray(0, filled);
  }

  async function windowAt(place: number): Promise<Buffer> {
    const held = windows.get(place);
    if (held) return held;
    const window = await readFully(place, Math.min(WINDOW_BYTES, size - place));
    windows.set(place, window);
    return window;
  }

  return {
    size,
    async at(offset, length) {
      const end = Math.min(offset + length, size);
      if (offset < 0 || offset >= end) return new Uint8Array();
      const place = offset - (offset % WINDOW_BYTES);
      if (end > place + WINDOW_BYTES) return readFully(offset, end - offset);
      return (await windowAt(place)).subarray(offset - place, end - place);
    },
  };
}
