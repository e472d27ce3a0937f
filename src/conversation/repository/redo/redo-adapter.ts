/** Puts into place again what the redo file says, after a crash that may have kept it from there. */
import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { flushDirectory, flushFile, writeDurably } from '../../../durable-file-adapter.ts';
import { fileFailure, SyncError } from '../../../errors.ts';
import { asCommitId } from '../../../id-bytes.ts';
import { CommitId } from '../../../ids.ts';
import { resolveRef } from '../isomorphic-git-adapter.ts';
import { openLooseObjects } from '../objects/loose-objects-adapter.ts';
import { objectIdOf } from '../objects/object-id.ts';
import { joinSigned, type RedoEntry, signedEntry, type UnsignedEntry } from './redo-entry.ts';
import { readRedoEntries, redoPath, removeRedoFile } from './redo-file-adapter.ts';

/** Makes of a commit without a signature the one that it was to become. */
export type SignAgain = (unsigned: Uint8Array) => Promise<Uint8Array>;

export interface Redo {
  readonly ref: string;
  /** Absent where nobody can sign. */
  readonly signAgain: SignAgain | undefined;
}

/**
 * Entries that lead to another head than the one that is there are of before it: whoever moves the head otherwise
 * flushes first what the entries say. Throws DISK_FULL, FILE_FAILED, SOURCE_UNREADABLE where the last commit would have
 * to be signed; then the file stays.
 */
export async function redo(gitDirectory: string, { ref, signAgain }: Redo): Promise<void> {
  const path = redoPath(gitDirectory);
  const { entries: signed, unsigned } = joinSigned(await readRedoEntries(path));
  const entries = unsigned ? [...signed, await signedAgain(unsigned, { path, signAgain })] : signed;
  const last = entries.at(-1);
  if (last && leadsOnFrom(entries, await readableHead(gitDirectory, ref))) {
    const loose = openLooseObjects(join(gitDirectory, 'objects'));
    await loose.restoreAll(entries.flatMap(({ objects }) => objects));
    await loose.flush();
    await restoreRef(join(gitDirectory, ref), last.to, gitDirectory);
  }
  await removeRedoFile(path);
}

async function signedAgain(
  unsigned: UnsignedEntry,
  { path, signAgain }: Pick<Redo, 'signAgain'> & { readonly path: string },
): Promise<RedoEntry> {
  const commit = unsigned.objects.at(-1);
  if (!commit || !signAgain)
    throw new SyncError('SOURCE_UNREADABLE', {
      path,
      detail: 'its last commit is not signed, and nobody is here who can do so',
    });
  const bytes = await signAgain(commit.bytes);
  const to = asCommitId(objectIdOf('commit', bytes));
  return signedEntry(unsigned, { to, commit: { type: 'commit', bytes } });
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
