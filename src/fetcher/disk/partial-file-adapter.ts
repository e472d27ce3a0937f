import type { FileHandle } from 'node:fs/promises';
import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { flushDirectory } from '../../durable-file-adapter.ts';
import { fileFailure } from '../../errors.ts';
import type { FileStamp, PartialFile } from '../ports.ts';
import { readFully } from './read-fully-adapter.ts';
import { withoutFirst } from './without-first.ts';

export interface PartialFileOptions {
  /** Open for reading and writing; owned by the partial file from here on. */
  readonly handle: FileHandle;
  readonly path: string;
  /** Where the complete file will stand. */
  readonly target: string;
}

/**
 * A file on its way, written wherever bytes arrive for it.
 *
 * Invariant: the name of the complete file is touched by nothing but a rename of flushed bytes.
 */
export async function createPartialFile({ handle, path, target }: PartialFileOptions): Promise<PartialFile> {
  let size = (await handle.stat()).size;
  let isOpen = true;

  async function close(): Promise<void> {
    if (!isOpen) return;
    isOpen = false;
    await handle.close();
  }

  async function write(buffers: readonly Uint8Array[], position: number): Promise<void> {
    // One write may take a part only, above all when the disk is nearly full.
    let at = position;
    for (let left = [...buffers]; left.length > 0; ) {
      const { bytesWritten } = await handle.writev(left, at);
      at += bytesWritten;
      size = Math.max(size, at);
      left = withoutFirst(left, bytesWritten);
    }
  }

  async function read(buffers: readonly Uint8Array[], position: number): Promise<boolean> {
    if (!isOpen) return false;
    try {
      await readFully(handle, buffers, { path, position });
      return true;
    } catch (error) {
      // It may be given its name between two parts of one read.
      if (isOpen) throw error;
      return false;
    }
  }

  async function promote(): Promise<FileStamp> {
    await handle.sync();
    // As long as nobody else knows the file: what is written under its name a moment later must not pass for what was checked.
    const { size: fullSize, mtimeMs, ino } = await handle.stat();
    await rename(path, target);
    // Before the folder is flushed, the new name does not survive a power failure.
    await flushDirectory(dirname(target));
    await close();
    return { size: fullSize, mtimeMs, inode: ino };
  }

  async function truncate(length: number): Promise<void> {
    await handle.truncate(length);
    size = length;
  }

  async function discard(): Promise<void> {
    await close();
    await rm(path, { force: true });
  }

  return {
    path,
    size: () => size,
    write: (buffers, position) => orFileFailure(path, () => write(buffers, position)),
    read: (buffers, position) => orFileFailure(path, () => read(buffers, position)),
    flush: () => orFileFailure(path, () => handle.datasync()),
    truncate: (length) => orFileFailure(path, () => truncate(length)),
    promote: () => orFileFailure(target, promote),
    discard: () => orFileFailure(path, discard),
    [Symbol.asyncDispose]: close,
  };
}

async function orFileFailure<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fileFailure(path, error);
  }
}
