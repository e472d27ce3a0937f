import { readFileSync, statSync } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createFile, flushDirectory, makeDirectory, type NewFile } from '../../durable-file-adapter.ts';
import { fileFailure, SyncError } from '../../errors.ts';
import { CommitId } from '../../ids.ts';
import { resolveRef } from './isomorphic-git-adapter.ts';

export interface RefMove {
  readonly ref: string;
  readonly from: CommitId | undefined;
  readonly to: CommitId;
}

/**
 * Moves a reference by git's own lock protocol: `<ref>.lock` created exclusively, flushed, renamed over the reference.
 * Throws REF_CONFLICT when somebody holds the lock or the reference is not at `from`.
 */
export async function moveRef(gitDirectory: string, { ref, from, to }: RefMove): Promise<void> {
  const path = join(gitDirectory, ref);
  const lockPath = `${path}.lock`;
  const lock = await createLock(lockPath).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') throw new SyncError('REF_CONFLICT', { ref, path: gitDirectory }, { cause: error });
    throw fileFailure(lockPath, error);
  });
  try {
    try {
      if ((await currentHead(gitDirectory, ref)) !== from)
        throw new SyncError('REF_CONFLICT', { ref, path: gitDirectory });
      await lock.fill(`${to}\n`);
      await lock.flush();
    } finally {
      lock.close();
    }
    await rename(lockPath, path);
  } catch (error) {
    await rm(lockPath, { force: true });
    throw fileFailure(path, error);
  }
  await flushDirectory(dirname(path));
}

async function createLock(path: string): Promise<NewFile> {
  if (!statSync(dirname(path), { throwIfNoEntry: false })) await makeDirectory(dirname(path));
  return createFile(path);
}

/** A reference we moved before stands in a file of its own, which goes before packed ones; read here in a fraction of the time. */
async function currentHead(gitDirectory: string, ref: string): Promise<CommitId | undefined> {
  const path = join(gitDirectory, ref);
  const text = statSync(path, { throwIfNoEntry: false })?.isFile() ? readFileSync(path, 'latin1') : '';
  return CommitId.safeParse(text.trimEnd()).data ?? resolveRef(gitDirectory, ref);
}

/** Locks that a killed process left behind: format reference §2.1. Only for a repository that nobody else writes. */
export async function removeStaleLocks(gitDirectory: string): Promise<void> {
  const remotes = await readdir(join(gitDirectory, 'refs', 'remotes')).catch(() => []);
  const locks = [
    'index.lock',
    'HEAD.lock',
    'refs/heads/main.lock',
    ...remotes.map((name) => `refs/remotes/${name}/main.lock`),
  ];
  for (const lock of locks) await rm(join(gitDirectory, lock), { force: true });
}
