import { constants } from 'node:fs';
import { copyFile, link, mkdir, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileFailure, SyncError } from '../errors.ts';
import type { FileId } from '../ids.ts';
import { flushFolder } from './flush-folder-adapter.ts';
import type { FileStamp } from './ports.ts';

export interface ImportOptions {
  /** A regular file of the user; links are followed. */
  readonly from: string;
  readonly folder: string;
  readonly name: FileId;
}

/**
 * Makes a user's file stand in the folder under its name: a hard link (format reference §6.3), or a copy where there can
 * be none, as on another file system. Never a symbolic link: it would dangle as soon as the user moves the file.
 * A later change of a hard-linked original shows in the stamp and then in the digest; it is not served.
 */
export async function importFile({ from, folder, name }: ImportOptions): Promise<FileStamp> {
  const source = await regularFile(from);
  const target = join(folder, name);
  const temporary = join(folder, `${name}.import`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await rm(temporary, { force: true });
    await linkOrCopy(source, temporary);
    await rename(temporary, target);
    // Renaming one hard link over another of the same file does nothing, by POSIX.
    await rm(temporary, { force: true });
    await flushFolder(folder);
    const { size, mtimeMs, ino } = await stat(target);
    return { size, mtimeMs, inode: ino };
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw fileFailure(target, error);
  }
}

async function regularFile(path: string): Promise<string> {
  try {
    // `link` does not follow a symbolic link by itself.
    const real = await realpath(path);
    if ((await stat(real)).isFile()) return real;
  } catch (error) {
    throw fileFailure(path, error);
  }
  throw new SyncError('FILE_FAILED', { path, detail: 'it is no regular file' });
}

async function linkOrCopy(source: string, target: string): Promise<void> {
  try {
    await link(source, target);
  } catch {
    await copyFile(source, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    const copy = await open(target, 'r');
    try {
      await copy.sync();
    } finally {
      await copy.close();
    }
  }
}
