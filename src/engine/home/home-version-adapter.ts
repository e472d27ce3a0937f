/** Which program wrote a home, and how one of an older program becomes one of this. */
import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { flushDirectory, makeDirectory, writeDurably } from '../../durable-file-adapter.ts';
import { errorCodeOf } from '../../error-code.ts';
import { fileFailure, SyncError } from '../../errors.ts';
import { parseJson } from '../../parse-json.ts';

const HomeFile = z.object({ version: z.number().int().positive() });

/** How a home of a version becomes one of the next. Stopped anywhere, it is done again from its beginning. */
type Step = (home: string) => Promise<void>;

/** The first leads from version 1. Steps are only ever added. */
const STEPS: readonly Step[] = [gatherCaches];
export const HOME_VERSION = 1 + STEPS.length;

/** Undefined where nothing states it yet. Changes nothing. Throws HOME_TOO_NEW, STORE_CORRUPT, FILE_FAILED. */
export async function readHomeVersion(home: string): Promise<number | undefined> {
  const path = versionPath(home);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (errorCodeOf(error) === 'ENOENT') return undefined;
    throw fileFailure(path, error);
  });
  if (text === undefined) return undefined;
  const { data } = HomeFile.safeParse(parseJson(text));
  if (!data) throw new SyncError('STORE_CORRUPT', { path, detail: 'it does not state the version of the home' });
  if (data.version > HOME_VERSION)
    throw new SyncError('HOME_TOO_NEW', { path, version: data.version, known: HOME_VERSION });
  return data.version;
}

/**
 * Makes a home one of this version, step by step, and states it. One that states none is new, or has lost the file: each
 * step finds nothing to do then, or does it. The caller holds the home's lock. Throws as `readHomeVersion`, and DISK_FULL.
 */
export async function bringUpToDate(home: string): Promise<void> {
  const stated = await readHomeVersion(home);
  if (stated === HOME_VERSION) return;
  try {
    for (const [place, step] of STEPS.entries()) if (place + 1 >= (stated ?? 1)) await step(home);
    await writeDurably(versionPath(home), `${JSON.stringify({ version: HOME_VERSION })}\n`, {
      temporaryIn: home,
      mode: 0o600,
    });
    await flushDirectory(home);
  } catch (error) {
    throw fileFailure(home, error);
  }
}

export const cachePath = (home: string) => join(home, 'cache');
const versionPath = (home: string) => join(home, 'home.json');

/** Version 2: what can be made again stands in one folder, which backups may leave out. */
async function gatherCaches(home: string): Promise<void> {
  await makeDirectory(cachePath(home), 0o700);
  const [from, to] = [join(home, 'chunk_hashes'), join(cachePath(home), 'chunk_hashes')];
  await rename(from, to).catch(async (error: unknown) => {
    const code = errorCodeOf(error);
    // It can be made again, so the one that is in place already may stay alone.
    if (code === 'ENOTEMPTY' || code === 'EEXIST') await rm(from, { recursive: true });
    else if (code !== 'ENOENT') throw error;
  });
  await flushDirectory(cachePath(home));
}
