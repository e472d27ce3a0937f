/**
 * What this process has put into place and not flushed there, in one file that is flushed instead: `swarmlog-redo` in the
 * git directory.
 */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCodeOf } from '../../../error-code.ts';
import { fileFailure } from '../../../errors.ts';
import { REDO_BYTES, REDO_FIRST_BYTES, REDO_SIGNATURE_BYTES } from '../../../limits.ts';
import type { Unsigned } from '../repository.ts';
import {
  digestOfEntry,
  formatRedoEntry,
  NO_ENTRY,
  parseRedoEntries,
  REDO_HEADER_BYTES,
  type RedoEntry,
  signedEntry,
  type WrittenEntry,
} from './redo-entry.ts';
import { openRoomyFile, removeRoomyFile } from './roomy-file-adapter.ts';

export interface RedoFile {
  /** Bytes that entries take up. */
  used(): number;
  /**
   * Writes the entry down for good: once it resolves, what the entry speaks of may come into place. `beside` is done meanwhile; should
   * it fail, the entry is taken back. Undefined when there is no room for it, and nothing was done.
   * Throws DISK_FULL, FILE_FAILED, and what `beside` throws.
   */
  append(entry: RedoEntry, beside: () => Promise<void>): Promise<RedoEntry | undefined>;
  /**
   * The same for a commit that is being signed: what is written down for good has no signature yet. That comes behind it, and lasts with the
   * next entry. Resolves to the entry as it is with the signature; throws what `signed` throws, too.
   */
  appendUnsigned(unsigned: Unsigned, beside: () => Promise<void>): Promise<RedoEntry | undefined>;
  /**
   * What the first `used` bytes say has been flushed where it belongs. Unless there is more, which is false, the next
   * entries are written over it.
   */
  emptyAt(used: number): boolean;
  /** Lets go of the file, and removes it when it is empty. */
  close(): Promise<void>;
}

export const redoPath = (gitDirectory: string) => join(gitDirectory, 'swarmlog-redo');

export const removeRedoFile = removeRoomyFile;

export function openRedoFile(path: string): RedoFile {
  const file = openRoomyFile(path, { firstBytes: REDO_FIRST_BYTES, mostBytes: REDO_BYTES });
  /** Where the next entry goes, and the digest that it follows. */
  let [end, before] = [0, NO_ENTRY];
  let isWriting = false;

  async function writeDown(bytes: Uint8Array, beside: () => Promise<void>): Promise<void> {
    const outcomes = await Promise.allSettled([file.writeDown(bytes, end), beside()]);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
  }

  function goOnBehind(upTo: number, entry: Uint8Array): void {
    [end, before] = [upTo, digestOfEntry(entry)];
  }

  /** Writes at the end, for which there has to be room, or takes back what it wrote there. */
  async function writing<Result>(upTo: number, write: () => Promise<Result>): Promise<Result | undefined> {
    isWriting = true;
    try {
      return (await file.hasRoom(upTo)) ? await write() : undefined;
    } catch (error) {
      // Should even this fail: the next entry goes to the same place, and any other move of the head makes this one stale.
      await file.writeDown(new Uint8Array(REDO_HEADER_BYTES), end).catch(() => {});
      throw fileFailure(path, error);
    } finally {
      isWriting = false;
    }
  }

  return {
    used: () => end,
    async append(entry, beside) {
      const bytes = formatRedoEntry(entry, before);
      return writing(end + bytes.byteLength, async () => {
        await writeDown(bytes, beside);
        goOnBehind(end + bytes.byteLength, bytes);
        return entry;
      });
    },
    async appendUnsigned({ from, objects, signed }, beside) {
      const bytes = formatRedoEntry({ from, to: undefined, objects }, before);
      return writing(end + 2 * bytes.byteLength + REDO_SIGNATURE_BYTES, async () => {
        await writeDown(bytes, beside);
        const { to, commit } = await signed;
        const rest = formatRedoEntry({ from, to, objects: [commit] }, digestOfEntry(bytes));
        file.write(rest, end + bytes.byteLength);
        goOnBehind(end + bytes.byteLength + rest.byteLength, rest);
        return signedEntry({ from, objects }, { to, commit });
      });
    },
    emptyAt(used) {
      if (end !== used || isWriting) return false;
      [end, before] = [0, NO_ENTRY];
      return true;
    },
    async close() {
      if (!file.isThere()) return;
      file.close();
      // One that stays does no harm: it says what is there.
      if (end === 0) await removeRedoFile(path).catch(() => {});
    },
  };
}

/** None when there is no such file, or one that cannot be ours. Throws FILE_FAILED. */
export async function readRedoEntries(path: string): Promise<readonly WrittenEntry[]> {
  try {
    await using file = await open(path, 'r');
    const { size } = await file.stat();
    return size > REDO_BYTES ? [] : parseRedoEntries(await file.readFile());
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return [];
    throw fileFailure(path, error);
  }
}
