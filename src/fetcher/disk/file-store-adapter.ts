/** One conversation's folder of files, `conversation_data/<id>/` (docs/format.md, "Files"). */
import { constants } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDirectory } from '../../durable-file-adapter.ts';
import { errorCodeOf } from '../../error-code.ts';
import { fileFailure } from '../../errors.ts';
import type { FileId } from '../../ids.ts';
import type { FileStamp, FileStore, ReadableFile } from '../ports.ts';
import { createPartialFile } from './partial-file-adapter.ts';
import { readFully } from './read-fully-adapter.ts';
import { stagedFiles, stageFile } from './staged-file-adapter.ts';

/**
 * The folder is made when the first file is. A path is the folder and a `FileId`, which is one segment by construction,
 * so that nothing is read or written outside.
 */
export function createFileStore(folder: string): FileStore {
  const pathOf = (fileId: FileId) => join(folder, fileId);
  const partialPathOf = (fileId: FileId) => join(folder, `${fileId}.tmp`);
  return {
    pathOf,
    async stamp(fileId) {
      await using file = await openRegular(pathOf(fileId));
      return file?.stamp;
    },
    openForReading: (fileId) => openRegular(pathOf(fileId)),
    async partialSize(fileId) {
      await using file = await openRegular(partialPathOf(fileId));
      return file?.stamp.size;
    },
    async openPartial(fileId) {
      const path = partialPathOf(fileId);
      try {
        await makeDirectory(folder, 0o700);
        // A link planted under the temporary name must not lead the bytes out of the folder.
        const handle = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
        return await createPartialFile({ handle, path, target: pathOf(fileId) });
      } catch (error) {
        throw fileFailure(path, error);
      }
    },
    async remove(fileId) {
      const [complete, partial] = [await removeIfThere(pathOf(fileId)), await removeIfThere(partialPathOf(fileId))];
      return complete || partial;
    },
    removePartial: (fileId) => removeIfThere(partialPathOf(fileId)),
    stage: (from, options) => stageFile({ from, folder, ...options }),
    staged: () => stagedFiles(folder),
  };
}

async function removeIfThere(path: string): Promise<boolean> {
  try {
    await rm(path);
    return true;
  } catch (error) {
    if (isNothingThere(error)) return false;
    throw fileFailure(path, error);
  }
}

async function openRegular(path: string): Promise<ReadableFile | undefined> {
  let handle: FileHandle | undefined;
  try {
    // A FIFO under the name would block an ordinary open for ever.
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await handle.stat();
    if (stats.isFile())
      return readableFile(handle, path, { size: stats.size, mtimeMs: stats.mtimeMs, inode: stats.ino });
    await handle.close();
    return undefined;
  } catch (error) {
    await handle?.close();
    if (isNothingThere(error)) return undefined;
    throw fileFailure(path, error);
  }
}

/** A dangling or circular link counts as nothing, as does a socket (ENXIO). */
function isNothingThere(error: unknown): boolean {
  return ['ENOENT', 'ELOOP', 'ENXIO', 'ENOTDIR'].includes(errorCodeOf(error) ?? '');
}

function readableFile(handle: FileHandle, path: string, stamp: FileStamp): ReadableFile {
  return {
    stamp,
    async read(buffers, position) {
      try {
        await readFully(handle, buffers, { path, position });
      } catch (error) {
        throw fileFailure(path, error);
      }
    },
    [Symbol.asyncDispose]: () => handle.close(),
  };
}
