/** The directories that conversations live in: built beside, renamed into place, so that a name stands for a whole one. */
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { flushDirectory, flushTree } from '../durable-file-adapter.ts';
import { errorCodeOf } from '../error-code.ts';
import { fileFailure, SyncError } from '../errors.ts';
import type { ConversationId } from '../ids.ts';

/** Where a conversation is created: its id is not known before its first commit is. */
export function nurseryPath(directory: string, name: string): string {
  return join(directory, name);
}

export function clonePath(directory: string, id: ConversationId): string {
  return join(directory, `${id}.clone.tmp`);
}

export function conversationPath(directory: string, id: ConversationId): string {
  return join(directory, id);
}

/** False, and nothing moved, when something is at `to` already. Throws FILE_FAILED, DISK_FULL. */
export async function claimPlace(from: string, to: string): Promise<boolean> {
  try {
    // The name must not outlast a power failure that takes what it stands for.
    await flushTree(from);
    await rename(from, to);
    await flushDirectory(dirname(to));
    return true;
  } catch (error) {
    const code = errorCodeOf(error);
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false;
    throw fileFailure(to, error);
  }
}

/** Throws FILE_FAILED, also when something is at `to` already, and DISK_FULL. */
export async function moveIntoPlace(from: string, to: string): Promise<void> {
  if (!(await claimPlace(from, to))) throw new SyncError('FILE_FAILED', { path: to, detail: 'it is there already' });
}

/** Throws FILE_FAILED. */
export async function removeDirectory(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true }).catch((error: unknown) => {
    throw fileFailure(path, error);
  });
}

export async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** Removes what a killed process was building. Nobody else may be building in the directory. */
export async function removeUnfinished(directory: string): Promise<void> {
  const names = (await isDirectory(directory)) ? await readdir(directory) : [];
  const unfinished = names.filter((name) => /^([0-9]{1,20}|[0-9a-f]{40}\.clone\.tmp)$/.test(name));
  for (const name of unfinished) await removeDirectory(join(directory, name));
}
