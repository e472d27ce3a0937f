import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import Hypercore from 'hypercore';
import { flushDirectory, makeDirectory } from '../../durable-file-adapter.ts';
import { errorCodeOf } from '../../error-code.ts';
import { fileFailure, isSyncError, messageOf, SyncError } from '../../errors.ts';
import { JournalRecord } from '../../events/journal-record.ts';
import type { Journal, JournalEntry } from './journal.ts';
import { forgetTry, requireRoom } from './journal-room-adapter.ts';

/** Reads under way at once: one by one, each would cost a trip to the storage's own thread. */
const READ_AHEAD = 256;

/**
 * A journal in a hypercore of its own, one JSON record per block. After the disk was full, or could not be written, it goes on
 * by itself: each append tries anew. Throws HOME_IN_USE while another process, or this one, has the directory open, DISK_FULL,
 * FILE_FAILED, STORE_CORRUPT when it cannot be opened for another reason.
 */
export async function openJournal(directory: string): Promise<Journal> {
  await makeFolder(directory);
  const core = await openCore(directory);
  await forgetTry(directory);
  return journalOver(core, directory);
}

async function makeFolder(directory: string): Promise<void> {
  try {
    // Hypercore waits for ever when it cannot make its own folder.
    await makeDirectory(join(directory, 'db'));
  } catch (error) {
    throw fileFailure(directory, error);
  }
}

async function openCore(directory: string): Promise<Hypercore> {
  // Without `allowBackup`, a home that was restored from a backup or moved to another disk would be turned away.
  const core = new Hypercore(Hypercore.defaultStorage(directory, { allowBackup: true }));
  try {
    await core.ready();
    return core;
  } catch (error) {
    await core.close().catch(() => undefined);
    throw openingFailure(directory, error);
  }
}

function journalOver(opened: Hypercore, path: string): Journal {
  let core = opened;
  let appending: Promise<unknown> = Promise.resolve();
  let closing: Promise<void> | undefined;

  /** One append at a time, so that the position told is that of these records. */
  async function append(records: readonly JournalRecord[]): Promise<number> {
    const before = appending;
    const mine = (async () => {
      await before.catch(() => undefined);
      if (records.length === 0) return core.length;
      return (await appendBlocks(records.map(encodeRecord))) - records.length;
    })();
    appending = mine;
    try {
      return await mine;
    } catch (error) {
      throw fileFailure(path, error);
    }
  }

  /**
   * Resolves to the length then. A storage that once could not write refuses to from then on, whatever the disk has become,
   * until it is opened anew.
   */
  async function appendBlocks(blocks: readonly Uint8Array[]): Promise<number> {
    try {
      return (await core.append(blocks)).length;
    } catch (error) {
      if (closing !== undefined) throw error;
      await requireRoom(
        path,
        blocks.reduce((bytes, { byteLength }) => bytes + byteLength, 0),
      );
      await core.close().catch(() => undefined);
      core = await openCore(path);
      return (await core.append(blocks)).length;
    }
  }

  const flushLogs = createLogFlush(join(path, 'db'));

  async function flush(): Promise<void> {
    await appending.catch(() => undefined);
    await flushLogs();
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
    flush,
    read: (from) => readEntries(core, { path, from }),
    fingerprint: (length) => fingerprintOf(core, { path, length }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/**
 * The storage writes each append to its write-ahead log, `<number>.log`, and leaves it to the system when that reaches the
 * disk. Everything else it flushes by itself. A log that is new since the last time has a name to be flushed as well.
 */
function createLogFlush(directory: string): () => Promise<void> {
  const flushed = new Set<string>();
  return async () => {
    try {
      const logs = (await readdir(directory)).filter((name) => name.endsWith('.log'));
      await Promise.all(logs.map((name) => flushLog(join(directory, name))));
      if (logs.some((name) => !flushed.has(name))) await flushDirectory(directory);
      flushed.clear();
      for (const name of logs) flushed.add(name);
    } catch (error) {
      throw fileFailure(directory, error);
    }
  };
}

/** One that is gone was written into the tables, which are flushed. */
async function flushLog(path: string): Promise<void> {
  const log = await open(path, 'r').catch((error: unknown) => {
    if (errorCodeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  try {
    await log?.datasync();
  } finally {
    await log?.close();
  }
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

async function fingerprintOf(core: Hypercore, { path, length }: { path: string; length: number }): Promise<string> {
  try {
    return Buffer.from(await core.treeHash(length)).toString('hex');
  } catch (error) {
    const detail = `the hashes of its first ${length} records cannot be read (${messageOf(error)})`;
    throw new SyncError('STORE_CORRUPT', { path, detail }, { cause: error });
  }
}

function encodeRecord(record: JournalRecord): Uint8Array {
  return Buffer.from(JSON.stringify(record));
}

/** The storage reports nearly everything as an IO error; only the text tells. */
function openingFailure(path: string, error: unknown): SyncError {
  const detail = messageOf(error);
  if (/\block\b/i.test(detail)) return new SyncError('HOME_IN_USE', { path }, { cause: error });
  if (/read-only file system/i.test(detail))
    return fileFailure(path, Object.assign(new Error(detail), { code: 'EROFS' }));
  const failure = fileFailure(path, error);
  return isSyncError(failure, 'DISK_FULL')
    ? failure
    : new SyncError('STORE_CORRUPT', { path, detail }, { cause: error });
}
