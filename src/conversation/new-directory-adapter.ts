import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileFailure, SyncError } from '../errors.ts';
import { moveIntoPlace } from './conversation-directory-adapter.ts';

/**
 * Makes a directory that is there whole or not at all: built beside its place, then renamed. An empty directory gives way.
 * Whatever goes wrong, nothing is left behind, neither of it nor of the directories above it that were made for it.
 * Throws FILE_FAILED, also when something is there already, and whatever `build` throws.
 */
export async function buildDirectory<Result>(
  path: string,
  build: (beside: string) => Promise<Result>,
): Promise<Result> {
  const place = resolve(path);
  await requireFree(place);
  const parent = dirname(place);
  const topmostMade = await makeParents(parent);
  const beside = join(parent, `.${basename(place)}.${randomBytes(6).toString('hex')}.clone.tmp`);
  try {
    const result = await build(beside);
    await moveIntoPlace(beside, place);
    return result;
  } catch (error) {
    await rm(beside, { recursive: true, force: true });
    if (topmostMade !== undefined) await removeEmpty(parent, topmostMade);
    throw error;
  }
}

async function requireFree(path: string): Promise<void> {
  const names = await readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw fileFailure(path, error);
  });
  if (names.length === 0) return;
  throw new SyncError('FILE_FAILED', { path, detail: 'it is there already, and not empty; choose another place' });
}

/** The topmost directory that had to be made. */
async function makeParents(parent: string): Promise<string | undefined> {
  try {
    return await mkdir(parent, { recursive: true });
  } catch (error) {
    throw fileFailure(parent, error);
  }
}

async function removeEmpty(lowest: string, topmost: string): Promise<void> {
  for (let path = lowest; path.startsWith(topmost); path = dirname(path)) {
    // Somebody may have put something there meanwhile: then it stays.
    await rmdir(path).catch(() => undefined);
  }
}
