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
   * The same for a commit that is being signed: what is written down for good has no signature yet, and whoever waits for the signature
   * waits for nothing else. That comes behind it with the next entry. Resolves to the entry as it is with the signature; throws what
   * `signed` throws, too.
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
  /** The last entry's commit with its signature, if it stands there without: until the next one comes, it could be signed again. */
  let owed: RedoEntry | undefined;

  async function writeDown(bytes: Uint8Array, beside: () => Promise<void>): Promise<void> {
    const outcomes = await Promise.allSettled([file.writeDown(bytes, end), beside()]);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
  }

  function goOnBehind(entry: Uint8Array): void {
    [end, before] = [end + entry.byteLength, digestOfEntry(entry)];
  }

  function writeOwed(): void {
    if (!owed) return;
    const bytes = formatRedoEntry(owed, before);
    file.write(bytes, end);
    goOnBehind(bytes);
    owed = undefined;
  }

  /** Writes at the end, for which there has to be room, or takes back what it wrote there. */
  async function writing<Result>(write: () => Promise<Result>): Promise<Result | undefined> {
    isWriting = true;
    try {
      writeOwed();
      return await write();
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
      return writing(async () => {
        const bytes = formatRedoEntry(entry, before);
        if (!(await file.hasRoom(end + bytes.byteLength))) return undefined;
        await writeDown(bytes, beside);
        goOnBehind(bytes);
        return entry;
      });
    },
    async appendUnsigned({ from, objects, signed }, beside) {
      return writing(async () => {
        const bytes = formatRedoEntry({ from, to: undefined, objects }, before);
        if (!(await file.hasRoom(end + 2 * bytes.byteLength + REDO_SIGNATURE_BYTES))) return undefined;
        await writeDown(bytes, beside);
        const { to, commit } = await signed;
        goOnBehind(bytes);
        owed = { from, to, objects: [commit] };
        return signedEntry({ from, objects }, { to, commit });
      });
    },
    emptyAt(used) {
      if (end !== used || isWriting) return false;
      [end, before, owed] = [0, NO_ENTRY, undefined];
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
