import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createFile, flushDirectory, flushFile, makeDirectory, type NewFile } from '../../durable-file-adapter.ts';
import { errorCodeOf } from '../../error-code.ts';
import { fileFailure, SyncError } from '../../errors.ts';
import { CommitId } from '../../ids.ts';
import { namesIn } from '../../names-in-adapter.ts';
import { resolveRef } from './isomorphic-git-adapter.ts';

export interface RefMove {
  readonly ref: string;
  readonly from: CommitId | undefined;
  readonly to: CommitId;
}

/**
 * Moves a reference by git's own lock protocol: `<ref>.lock` created exclusively, flushed, renamed over the reference.
 * `settle` has what `to` refers to survive a power failure. Throws REF_CONFLICT when somebody holds the lock or the
 * reference is not at `from`, DISK_FULL, FILE_FAILED; then it is where it was.
 */
export async function moveRef(
  gitDirectory: string,
  { settle, ...move }: RefMove & { readonly settle: () => Promise<void> },
): Promise<void> {
  const path = join(gitDirectory, move.ref);
  await putBackUnsettled(path);
  await moveUnderLock(gitDirectory, move, async (lock) => {
    // Both at once; the lock is not closed under a flush that still runs.
    const outcomes = await Promise.allSettled([lock.flush(), settle()]);
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  });
  await flushDirectory(dirname(path)).catch(async (error: unknown) => {
    unsettled.set(path, move.from);
    await putBackUnsettled(path).catch(() => {});
    throw error;
  });
}

/** A reference that nobody else moves until it is moved or let go of. */
export interface RefLock {
  /** Lasts only after `flushRef`. Where it throws, the reference stays locked. Throws DISK_FULL, FILE_FAILED. */
  move(to: CommitId): void;
  release(): void;
}

/** Throws as `moveRef`. */
export async function lockRef(gitDirectory: string, at: Omit<RefMove, 'to'>): Promise<RefLock> {
  const path = join(gitDirectory, at.ref);
  const lockPath = `${path}.lock`;
  await putBackUnsettled(path);
  const lock = await takeLock(gitDirectory, at);
  lock.close();
  return {
    move(to) {
      try {
        writeFileSync(lockPath, `${to}\n`);
        renameSync(lockPath, path);
      } catch (error) {
        throw fileFailure(path, error);
      }
    },
    release: () => removeLock(lockPath),
  };
}

/** Has a reference survive a power failure as it is now. Throws FILE_FAILED. */
export async function flushRef(gitDirectory: string, ref: string): Promise<void> {
  const path = join(gitDirectory, ref);
  try {
    await flushFile(path);
    await flushDirectory(dirname(path));
  } catch (error) {
    throw fileFailure(path, error);
  }
}

async function moveUnderLock(
  gitDirectory: string,
  { to, ...at }: RefMove,
  prepare: (lock: NewFile) => Promise<void>,
): Promise<void> {
  const path = join(gitDirectory, at.ref);
  const lockPath = `${path}.lock`;
  const lock = await takeLock(gitDirectory, at);
  try {
    try {
      await lock.fill(`${to}\n`);
      await prepare(lock);
    } finally {
      lock.close();
    }
    renameSync(lockPath, path);
  } catch (error) {
    removeLock(lockPath);
    throw fileFailure(path, error);
  }
}

/** The lock of a reference that is at `from`. Throws REF_CONFLICT, DISK_FULL, FILE_FAILED. */
async function takeLock(gitDirectory: string, { ref, from }: Omit<RefMove, 'to'>): Promise<NewFile> {
  const lockPath = `${join(gitDirectory, ref)}.lock`;
  const lock = await createLock(lockPath).catch((error: unknown) => {
    if (errorCodeOf(error) === 'EEXIST')
      throw new SyncError('REF_CONFLICT', { ref, path: gitDirectory }, { cause: error });
    throw fileFailure(lockPath, error);
  });
  try {
    if ((await currentHead(gitDirectory, ref)) === from) return lock;
    throw new SyncError('REF_CONFLICT', { ref, path: gitDirectory });
  } catch (error) {
    lock.close();
    removeLock(lockPath);
    throw fileFailure(lockPath, error);
  }
}

/** References that were moved, but perhaps not for good, with where they were. Whoever asked for it was told that it failed. */
const unsettled = new Map<string, CommitId | undefined>();

/** A move that may not last is none. Throws FILE_FAILED, DISK_FULL while it cannot be undone. */
async function putBackUnsettled(path: string): Promise<void> {
  if (!unsettled.has(path)) return;
  try {
    await putBack(path, unsettled.get(path));
    unsettled.delete(path);
  } catch (error) {
    throw fileFailure(path, error);
  }
}

async function putBack(path: string, from: CommitId | undefined): Promise<void> {
  if (from === undefined) return rm(path, { force: true });
  const lockPath = `${path}.lock`;
  const lock = await createLock(lockPath);
  try {
    try {
      await lock.fill(`${from}\n`);
    } finally {
      lock.close();
    }
    renameSync(lockPath, path);
  } catch (error) {
    removeLock(lockPath);
    throw error;
  }
}

/** Locks of this process that the disk did not let it remove. They are nobody's. */
const abandoned = new Set<string>();

async function createLock(path: string): Promise<NewFile> {
  if (!statSync(dirname(path), { throwIfNoEntry: false })) await makeDirectory(dirname(path));
  if (abandoned.delete(path)) removeLock(path);
  return createFile(path);
}

function removeLock(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    abandoned.add(path);
  }
}

/** A reference we moved before stands in a file of its own, which goes before packed ones; read here in a fraction of the time. */
async function currentHead(gitDirectory: string, ref: string): Promise<CommitId | undefined> {
  const path = join(gitDirectory, ref);
  const text = statSync(path, { throwIfNoEntry: false })?.isFile() ? readFileSync(path, 'latin1') : '';
  return CommitId.safeParse(text.trimEnd()).data ?? resolveRef(gitDirectory, ref);
}

/** Locks that a killed process left behind: docs/format.md, "The repository". Only for a repository that nobody else writes. */
export async function removeStaleLocks(gitDirectory: string): Promise<void> {
  const remotes = await namesIn(join(gitDirectory, 'refs', 'remotes'));
  const locks = [
    'index.lock',
    'HEAD.lock',
    'refs/heads/main.lock',
    ...remotes.map((name) => `refs/remotes/${name}/main.lock`),
  ];
  for (const lock of locks) await rm(join(gitDirectory, lock), { force: true });
}
