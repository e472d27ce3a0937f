/**
 * Whole small files on the disk, many in one go. Made for a thread of its own: what does not wait for the disk is done at
 * once, and all flushes of a batch wait together, so that the file system makes them last with few writes of its own.
 */
import {
  closeSync,
  constants,
  fstatSync,
  fsync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { flushDirectory, makeDirectory } from '../../durable-file-adapter.ts';
import { fileFailure, messageOf } from '../../errors.ts';
import { SMALL_FILE_BYTES } from '../../limits.ts';
import { createSha3 } from '../digest/sha3-adapter.ts';
import type { FileStamp, FileToPlace, Placement, WholeFile } from '../ports.ts';

const flush = promisify(fsync);

/** As `BatchDisk.read`. */
export function readWholeFiles(paths: readonly string[]): readonly (WholeFile | undefined)[] {
  return paths.map(readWholeFile);
}

function readWholeFile(path: string): WholeFile | undefined {
  let file: number | undefined;
  try {
    // A FIFO under the name would block an ordinary open for ever.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = fstatSync(file);
    if (!stats.isFile() || stats.size > SMALL_FILE_BYTES) return undefined;
    const bytes = readFileSync(file);
    const isWhole = bytes.length === stats.size;
    return isWhole ? { stamp: { size: stats.size, mtimeMs: stats.mtimeMs, inode: stats.ino }, bytes } : undefined;
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** As `BatchDisk.place`. The name of a file is touched by nothing but a rename of flushed bytes whose digest is right. */
export async function placeWholeFiles(files: readonly FileToPlace[]): Promise<readonly Placement[]> {
  const folders = new Set(files.map(({ path }) => dirname(path)));
  const failures = new Map<string, Placement>();
  const fail = (folder: string) => (error: unknown) => void failures.set(folder, failed(folder, error));
  for (const folder of folders) await makeDirectory(folder, 0o700).catch(fail(folder));
  const placements = (await Promise.all(files.map(write).map(flushed))).map(rename);
  // Before its folder is flushed, a new name does not survive a power failure.
  for (const folder of folders) if (!failures.has(folder)) await flushDirectory(folder).catch(fail(folder));
  return placements.map((placement, place) => failures.get(dirname(files[place]?.path ?? '')) ?? placement);
}

/** A file on its way: open while it is, or how it ended. */
type Placing = { readonly path: string; readonly file: number } | Placement;

// A link planted under the temporary name must not lead the bytes out of the folder.
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;

function write({ path, digest, bytes }: FileToPlace): Placing {
  const hash = createSha3();
  hash.update(bytes);
  if (hash.digest() !== digest) return { outcome: 'wrong-digest' };
  let file: number | undefined;
  try {
    file = openSync(temporary(path), NEW_FILE, 0o600);
    writeFileSync(file, bytes);
    return { path, file };
  } catch (error) {
    if (file !== undefined) giveUp({ path, file });
    return failed(path, error);
  }
}

async function flushed(placing: Placing): Promise<Placing> {
  if (!('file' in placing)) return placing;
  try {
    await flush(placing.file);
    return placing;
  } catch (error) {
    giveUp(placing);
    return failed(placing.path, error);
  }
}

function rename(placing: Placing): Placement {
  if (!('file' in placing)) return placing;
  const { path, file } = placing;
  try {
    const stamp = stampOf(file);
    renameSync(temporary(path), path);
    closeSync(file);
    return { outcome: 'placed', stamp };
  } catch (error) {
    giveUp(placing);
    return failed(path, error);
  }
}

function stampOf(file: number): FileStamp {
  const { size, mtimeMs, ino } = fstatSync(file);
  return { size, mtimeMs, inode: ino };
}

function temporary(path: string): string {
  return `${path}.tmp`;
}

function giveUp({ path, file }: { readonly path: string; readonly file: number }): void {
  closeSync(file);
  try {
    rmSync(temporary(path), { force: true });
  } catch {
    // A later try writes over it.
  }
}

function failed(path: string, error: unknown): Placement {
  const { code } = fileFailure(path, error);
  return { outcome: 'failed', isDiskFull: code === 'DISK_FULL', detail: messageOf(error) };
}
