/** Makes a repository with a work tree, and says in it where it was cloned from: the few files that git asks for. */
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeDirectory, writeDurably } from '../../durable-file-adapter.ts';
import { fileFailure } from '../../errors.ts';
import type { CommitId } from '../../ids.ts';

const FOLDERS = ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags'];

/** Modes and links are left to the tree: not every system has them. */
const CONFIG = `[core]
\trepositoryformatversion = 0
\tfilemode = false
\tbare = false
\tlogallrefupdates = true
\tsymlinks = false
`;

/**
 * Founds `<directory>/.git` with HEAD on `refs/heads/main`; the directory is made if need be. A repository that is there is left
 * as it is: HEAD comes last, so one that a killed process left half made is completed. Names of directories in it last when it is
 * moved into place. Throws FILE_FAILED, DISK_FULL.
 */
export async function foundRepository(directory: string): Promise<void> {
  const gitDirectory = join(directory, '.git');
  try {
    await makeDirectory(gitDirectory);
    if (await isThere(join(gitDirectory, 'HEAD'))) return;
    for (const folder of FOLDERS) await mkdir(join(gitDirectory, folder), { recursive: true });
    const temporaryIn = gitDirectory;
    await writeDurably(join(gitDirectory, 'HEAD'), 'ref: refs/heads/main\n', {
      temporaryIn,
      settle: () => writeDurably(join(gitDirectory, 'config'), CONFIG, { temporaryIn }),
    });
  } catch (error) {
    throw fileFailure(directory, error);
  }
}

/**
 * Writes down where a repository was cloned from, as `git clone` does, so that `git fetch` in it asks there. Throws
 * FILE_FAILED, DISK_FULL.
 */
export async function nameOrigin(
  directory: string,
  { url, head }: { readonly url: string; readonly head: CommitId },
): Promise<void> {
  const gitDirectory = join(directory, '.git');
  const config = join(gitDirectory, 'config');
  const main = join(gitDirectory, 'refs/remotes/origin/main');
  const temporaryIn = gitDirectory;
  try {
    const text = await readFile(config, 'utf8');
    await mkdir(dirname(main), { recursive: true });
    await writeDurably(config, `${text}${originConfig(url)}`, {
      temporaryIn,
      settle: () => writeDurably(main, `${head}\n`, { temporaryIn }),
    });
  } catch (error) {
    throw fileFailure(directory, error);
  }
}

function originConfig(url: string): string {
  const quoted = `"${url.replace(/["\\]/g, '\\$&')}"`;
  return `[remote "origin"]
\turl = ${quoted}
\tfetch = +refs/heads/*:refs/remotes/origin/*
[branch "main"]
\tremote = origin
\tmerge = refs/heads/main
`;
}

async function isThere(path: string): Promise<boolean> {
  return readFile(path).then(
    () => true,
    () => false,
  );
}
