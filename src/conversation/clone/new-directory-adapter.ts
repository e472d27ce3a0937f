import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { makeDirectory, removeEmpty } from '../../durable-file-adapter.ts';
import { fileFailure, SyncError } from '../../errors.ts';
import { namesIn } from '../../names-in-adapter.ts';
import { moveIntoPlace, removeDirectory } from '../conversation-directory-adapter.ts';
import { isOfEndedProcess, ownMark } from './process-mark-adapter.ts';

/**
 * Makes a directory that is there whole or not at all: built beside its place, then renamed. An empty directory gives way.
 * Whatever goes wrong, nothing is left behind, neither of it nor of the directories above it that were made for it. What a
 * process that was killed left there of the same directory is removed first.
 * Throws FILE_FAILED, also when something is there already, and whatever `build` throws.
 */
export async function buildDirectory<Result>(
  path: string,
  build: (beside: string) => Promise<Result>,
): Promise<Result> {
  const place = resolve(path);
  await requireFree(place);
  const parent = dirname(place);
  const made = await makeParents(parent);
  await removeAbandoned(place);
  const beside = join(parent, `${besidePrefix(place)}${ownMark()}.${randomBytes(4).toString('hex')}${BESIDE_SUFFIX}`);
  try {
    const result = await build(beside);
    await moveIntoPlace(beside, place);
    return result;
  } catch (error) {
    await rm(beside, { recursive: true, force: true });
    await removeEmpty(made);
    throw error;
  }
}

const BESIDE_SUFFIX = '.clone.tmp';

/** `.<name>.<mark of the process that builds it>.<random>.clone.tmp`: the mark is there as soon as the directory is. */
const besidePrefix = (place: string) => `.${basename(place)}.`;

/** Throws FILE_FAILED. */
async function removeAbandoned(place: string): Promise<void> {
  const prefix = besidePrefix(place);
  const names = await namesIn(dirname(place));
  for (const name of names) {
    if (!name.startsWith(prefix) || !name.endsWith(BESIDE_SUFFIX)) continue;
    const [mark = ''] = name.slice(prefix.length).split('.');
    if (isOfEndedProcess(mark)) await removeDirectory(join(dirname(place), name));
  }
}

async function requireFree(path: string): Promise<void> {
  if ((await namesIn(path)).length === 0) return;
  throw new SyncError('FILE_FAILED', { path, detail: 'it is there already, and not empty; choose another place' });
}

/** Those that had to be made. */
async function makeParents(parent: string): Promise<readonly string[]> {
  try {
    return await makeDirectory(parent);
  } catch (error) {
    throw fileFailure(parent, error);
  }
}
