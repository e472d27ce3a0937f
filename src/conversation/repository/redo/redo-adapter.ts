/** Puts into place again what the redo file says, after a crash that may have kept it from there. */
import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { flushDirectory, flushFile, writeDurably } from '../../../durable-file-adapter.ts';
import { fileFailure } from '../../../errors.ts';
import { CommitId } from '../../../ids.ts';
import { resolveRef } from '../isomorphic-git-adapter.ts';
import { openLooseObjects } from '../objects/loose-objects-adapter.ts';
import type { RedoEntry } from './redo-entry.ts';
import { readRedoEntries, redoPath, removeRedoFile } from './redo-file-adapter.ts';

/**
 * Entries that lead to another head than the one that is there are of before it: whoever moves the head otherwise flushes
 * first what the entries say. Throws DISK_FULL, FILE_FAILED; then the file stays.
 */
export async function redo(gitDirectory: string, ref: string): Promise<void> {
  const path = redoPath(gitDirectory);
  const entries = await readRedoEntries(path);
  const last = entries.at(-1);
  if (last && leadsOnFrom(entries, await readableHead(gitDirectory, ref))) {
    const loose = openLooseObjects(join(gitDirectory, 'objects'));
    await loose.restoreAll(entries.flatMap(({ objects }) => objects));
    await loose.flush();
    await restoreRef(join(gitDirectory, ref), last.to, gitDirectory);
  }
  await removeRedoFile(path);
}

function leadsOnFrom(entries: readonly RedoEntry[], head: CommitId | undefined): boolean {
  return head === undefined || entries.some(({ from, to }) => head === from || head === to);
}

/** Undefined when a power failure has left nothing of it that can be read. */
async function readableHead(gitDirectory: string, ref: string): Promise<CommitId | undefined> {
  const path = join(gitDirectory, ref);
  if (!(await stat(path).catch(() => undefined))) return resolveRef(gitDirectory, ref);
  return CommitId.safeParse((await readFile(path, 'latin1')).trimEnd()).data;
}

async function restoreRef(path: string, to: CommitId, gitDirectory: string): Promise<void> {
  try {
    const text = `${to}\n`;
    if ((await readFile(path, 'latin1').catch(() => '')) === text) await flushFile(path);
    else await writeDurably(path, text, { temporaryIn: gitDirectory });
    await flushDirectory(dirname(path));
  } catch (error) {
    throw fileFailure(path, error);
  }
}
