import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import Hypercore from 'hypercore';
import { fileFailure, messageOf, SyncError } from '../errors.ts';
import { JournalRecord } from '../events/journal-record.ts';
import type { Journal, JournalEntry } from './journal.ts';

/** Reads under way at once: one by one, each would cost a trip to the storage's own thread. */
const READ_AHEAD = 256;

/**
 * A journal in a hypercore of its own, one JSON record per block.
 * Throws HOME_IN_USE while another process, or this one, has the directory open, STORE_CORRUPT when it cannot be opened.
 */
export async function openJournal(directory: string): Promise<Journal> {
  await makeDirectory(directory);
  // Without `allowBackup`, a home that was restored from a backup or moved to another disk would be turned away.
  const core = new Hypercore(Hypercore.defaultStorage(directory, { allowBackup: true }));
  try {
    await core.ready();
  } catch (error) {
    await core.close().catch(() => undefined);
    throw openingFailure(directory, error);
  }
  return journalOver(core, directory);
}

async function makeDirectory(directory: string): Promise<void> {
  try {
    // Hypercore waits for ever when it cannot make its own folder.
    await mkdir(join(directory, 'db'), { recursive: true });
  } catch (error) {
    throw fileFailure(directory, error);
  }
}

function journalOver(core: Hypercore, path: string): Journal {
  let appending: Promise<unknown> = Promise.resolve();
  let closing: Promise<void> | undefined;

  /** One append at a time, so that the position told is that of these records. */
  async function append(records: readonly JournalRecord[]): Promise<number> {
    const before = appending;
    const mine = (async () => {
      await before.catch(() => undefined);
      if (records.length === 0) return core.length;
      const { length } = await core.append(records.map(encodeRecord));
      return length - records.length;
    })();
    appending = mine;
    try {
      return await mine;
    } catch (error) {
      throw writingFailure(path, error);
    }
  }

  function close(): Promise<void> {
    closing ??= appending.catch(() => undefined).then(() => core.close());
    return closing;
  }

  return {
    get length() {
      return core.length;
    },
    append,
    read: (from) => readEntries(core, { path, from }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function* readEntries(
  core: Hypercore,
  { path, from }: { path: string; from: number },
): AsyncGenerator<JournalEntry> {
  const end = core.length;
  for (let start = from; start < end; start += READ_AHEAD) {
    const count = Math.min(READ_AHEAD, end - start);
    const entries = await Promise.all(Array.from({ length: count }, (_, i) => readEntry(core, path, start + i)));
    yield* entries;
  }
}

async function readEntry(core: Hypercore, path: string, position: number): Promise<JournalEntry> {
  try {
    const block = await core.get(position, { wait: false });
    if (!block) throw new SyncError('STORE_CORRUPT', { path, detail: `record ${position} is not there` });
    return { position, record: JournalRecord.parse(JSON.parse(Buffer.from(block).toString('utf8'))) };
  } catch (error) {
    if (error instanceof SyncError) throw error;
    throw new SyncError(
      'STORE_CORRUPT',
      { path, detail: `record ${position} cannot be read (${messageOf(error)})` },
      { cause: error },
    );
  }
}

function encodeRecord(record: JournalRecord): Uint8Array {
  return Buffer.from(JSON.stringify(record));
}

/** The storage reports a lock, and a full disk, as plain IO errors; only the text tells. */
function openingFailure(path: string, error: unknown): SyncError {
  const detail = messageOf(error);
  if (/\block\b/i.test(detail)) return new SyncError('HOME_IN_USE', { path }, { cause: error });
  return new SyncError('STORE_CORRUPT', { path, detail }, { cause: error });
}

function writingFailure(path: string, error: unknown): SyncError {
  if (/no space left|quota exceeded/i.test(messageOf(error)))
    return new SyncError('DISK_FULL', { path }, { cause: error });
  return fileFailure(path, error);
}
