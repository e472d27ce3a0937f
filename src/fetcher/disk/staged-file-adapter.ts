import { link, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { flushDirectory, makeDirectory } from '../../durable-file-adapter.ts';
import { fileFailure, SyncError } from '../../errors.ts';
import { namesIn } from '../../names-in-adapter.ts';
import type { FileStamp, StagedFile, StageOptions } from '../ports.ts';
import { type CopyOptions, copyFileTo } from './copy-file-adapter.ts';

export interface StagedFrom extends StageOptions {
  /** A regular file of the user; links are followed. */
  readonly from: string;
  readonly folder: string;
}

const STAGED = '.staged';

/**
 * Puts a user's file into the folder before it has a name there: a hard link, or a copy where
 * there can be none, as on another file system. Never a symbolic link: it would dangle as soon as the user moves the file.
 * A later change of a hard-linked original shows in the stamp and then in the digest; it is not served.
 */
export async function stageFile({ from, folder, tid, ...options }: StagedFrom): Promise<StagedFile> {
  const source = await regularFile(from);
  const path = join(folder, `${tid}${STAGED}`);
  try {
    await makeDirectory(folder, 0o700);
    await rm(path, { force: true });
    await linkOrCopy(source, path, options);
    await flushDirectory(folder);
    return stagedFile(path, folder);
  } catch (error) {
    await rm(path, { force: true }).catch(() => {});
    options.signal.throwIfAborted();
    throw fileFailure(path, error);
  }
}

/**
 * What a process left behind that was killed between staging and announcing, or between announcing and placing. Throws
 * FILE_FAILED.
 */
export async function stagedFiles(folder: string): Promise<ReadonlyMap<string, StagedFile>> {
  const staged = (await namesIn(folder)).filter((name) => name.endsWith(STAGED));
  return new Map(staged.map((name) => [name.slice(0, -STAGED.length), stagedFile(join(folder, name), folder)]));
}

function stagedFile(path: string, folder: string): StagedFile {
  return {
    path,
    stamp: () => stampOf(path),
    async place(fileId) {
      const target = join(folder, fileId);
      try {
        await rename(path, target);
        // Renaming one hard link over another of the same file does nothing, by POSIX.
        await rm(path, { force: true });
        await flushDirectory(folder);
        return await stampOf(target);
      } catch (error) {
        throw fileFailure(target, error);
      }
    },
    discard: () => rm(path, { force: true }),
  };
}

async function stampOf(path: string): Promise<FileStamp> {
  const { size, mtimeMs, ino } = await stat(path).catch((error: unknown) => {
    throw fileFailure(path, error);
  });
  return { size, mtimeMs, inode: ino };
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

async function linkOrCopy(source: string, target: string, options: CopyOptions): Promise<void> {
  try {
    await link(source, target);
  } catch {
    await copyFileTo(target, source, options);
  }
  // Of a linked file as well: whoever wrote it a moment ago may not have flushed it, and it is going to be announced.
  const staged = await open(target, 'r');
  try {
    await staged.sync();
  } finally {
    await staged.close();
  }
}
