/**
 * What this process has put into place and not flushed there, in one file that is flushed instead: `swarmlog-redo` in the
 * git directory. The file has room ahead of what is written, so that a flush writes one block and none of what the file system knows of it.
 */
import { closeSync, fdatasync, fsync, openSync, writeSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { createFile, flushDirectory } from '../../../durable-file-adapter.ts';
import { errorCodeOf } from '../../../error-code.ts';
import { fileFailure } from '../../../errors.ts';
import { REDO_BYTES, REDO_FIRST_BYTES } from '../../../limits.ts';
import {
  digestOfEntry,
  formatRedoEntry,
  NO_ENTRY,
  parseRedoEntries,
  REDO_HEADER_BYTES,
  type RedoEntry,
} from './redo-entry.ts';

export interface RedoFile {
  /** Bytes that entries take up. */
  used(): number;
  /**
   * Writes the entry down for good: once it resolves, what the entry speaks of may come into place. `beside` is done meanwhile; should
   * it fail, the entry is taken back. False when there is no room for it, and nothing was done.
   * Throws DISK_FULL, FILE_FAILED, and what `beside` throws.
   */
  append(entry: RedoEntry, beside: () => Promise<void>): Promise<boolean>;
  /**
   * What the first `used` bytes say has been flushed where it belongs. Unless there is more, which is false, the next
   * entries are written over it.
   */
  emptyAt(used: number): boolean;
  /** Lets go of the file, and removes it when it is empty. */
  close(): Promise<void>;
}

export const redoPath = (gitDirectory: string) => join(gitDirectory, 'swarmlog-redo');

const sync = promisify(fsync);
const datasync = promisify(fdatasync);

export function openRedoFile(path: string): RedoFile {
  let file: number | undefined;
  let size = 0;
  /** Where the next entry goes, and the digest that it follows. */
  let [end, before] = [0, NO_ENTRY];
  let isWriting = false;

  async function write(bytes: Uint8Array): Promise<void> {
    if (file === undefined) {
      size = sizeFor(end + bytes.byteLength);
      file = await create(path, size);
    }
    writeAt(file, bytes, end);
    await datasync(file);
  }

  /** Whether there is room for what ends there. */
  async function hasRoom(upTo: number): Promise<boolean> {
    if (file === undefined || upTo <= size || upTo > REDO_BYTES) return upTo <= REDO_BYTES;
    try {
      const grown = sizeFor(upTo);
      writeAt(file, new Uint8Array(grown - size), size);
      await sync(file);
      size = grown;
      return true;
    } catch {
      // On a full disk there is as much room as before.
      return false;
    }
  }

  async function writeEntry(bytes: Uint8Array, beside: () => Promise<void>): Promise<void> {
    const outcomes = await Promise.allSettled([write(bytes), beside()]);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed === undefined) return;
    await takeBack();
    throw fileFailure(path, failed.reason);
  }

  /** Should even this fail: the next entry goes to the same place, and any other move of the head makes this one stale. */
  async function takeBack(): Promise<void> {
    await write(new Uint8Array(REDO_HEADER_BYTES)).catch(() => {});
  }

  return {
    used: () => end,
    async append(entry, beside) {
      isWriting = true;
      try {
        const bytes = formatRedoEntry(entry, before);
        if (!(await hasRoom(end + bytes.byteLength))) return false;
        await writeEntry(bytes, beside);
        [end, before] = [end + bytes.byteLength, digestOfEntry(bytes)];
        return true;
      } finally {
        isWriting = false;
      }
    },
    emptyAt(used) {
      if (end !== used || isWriting) return false;
      [end, before] = [0, NO_ENTRY];
      return true;
    },
    async close() {
      if (file === undefined) return;
      closeSync(file);
      file = undefined;
      // One that stays does no harm: it says what is there.
      if (end === 0) await removeRedoFile(path).catch(() => {});
    },
  };
}

/** None when there is no such file, or one that cannot be ours. Throws FILE_FAILED. */
export async function readRedoEntries(path: string): Promise<readonly RedoEntry[]> {
  try {
    await using file = await open(path, 'r');
    const { size } = await file.stat();
    return size > REDO_BYTES ? [] : parseRedoEntries(await file.readFile());
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return [];
    throw fileFailure(path, error);
  }
}

/** Throws FILE_FAILED. */
export async function removeRedoFile(path: string): Promise<void> {
  try {
    await rm(path, { force: true });
  } catch (error) {
    throw fileFailure(path, error);
  }
}

/** The first size in which so many bytes have room. */
function sizeFor(bytes: number): number {
  let size = REDO_FIRST_BYTES;
  while (size < bytes) size *= 2;
  return Math.min(size, REDO_BYTES);
}

/** Its blocks are written once, so that none has to be found for an entry. */
async function create(path: string, size: number): Promise<number> {
  await removeRedoFile(path);
  const made = await createFile(path);
  try {
    await made.fill(new Uint8Array(size));
    await made.flush();
    await flushDirectory(dirname(path));
    return openSync(path, 'r+');
  } catch (error) {
    await rm(path, { force: true }).catch(() => {});
    throw error;
  } finally {
    made.close();
  }
}

function writeAt(file: number, bytes: Uint8Array, at: number): void {
  for (let written = 0; written < bytes.byteLength; )
    written += writeSync(file, bytes, written, bytes.byteLength - written, at + written);
}
