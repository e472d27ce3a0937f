/**
 * Which tree the work tree was last made to look like: a file of ours in the git directory, `swarmlog-checked-out`.
 * It is written when all of the work tree is on the disk, and gone while the work tree is changed. So a work tree that a
 * crash, or a full disk, left unfinished is known by it, and one that is as it should be is not written again.
 */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { flushDirectory, writeDurably } from '../../../durable-file-adapter.ts';
import { fileFailure } from '../../../errors.ts';
import type { ObjectId } from '../../../ids.ts';

const pathIn = (gitDirectory: string) => join(gitDirectory, 'swarmlog-checked-out');

/** The id of the tree; undefined when the work tree may look like anything. */
export async function checkedOutTree(gitDirectory: string): Promise<string | undefined> {
  return readFile(pathIn(gitDirectory), 'latin1').then(
    (text) => text.trimEnd(),
    () => undefined,
  );
}

/** Throws FILE_FAILED. */
export async function forgetCheckedOut(gitDirectory: string): Promise<void> {
  const path = pathIn(gitDirectory);
  try {
    await rm(path, { force: true });
    await flushDirectory(gitDirectory);
  } catch (error) {
    throw fileFailure(path, error);
  }
}

/** The work tree lasts, and the index is in place. Throws DISK_FULL, FILE_FAILED. */
export async function rememberCheckedOut(gitDirectory: string, tree: ObjectId): Promise<void> {
  const path = pathIn(gitDirectory);
  try {
    await writeDurably(path, `${tree}\n`, { temporaryIn: gitDirectory, settle: () => flushDirectory(gitDirectory) });
  } catch (error) {
    throw fileFailure(path, error);
  }
}
