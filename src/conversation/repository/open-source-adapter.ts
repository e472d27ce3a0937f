import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCodeOf } from '../../error-code.ts';
import { fileFailure, isSyncError, SyncError } from '../../errors.ts';
import { openBundle } from './bundle/bundle-adapter.ts';
import type { RepositoryReader } from './repository.ts';
import { untilUnlocked } from './until-unlocked-adapter.ts';

export interface OpenSourceOptions {
  /** Gives up; a large bundle has to be read from end to end first. */
  readonly signal?: AbortSignal;
}

/**
 * Opens whatever a person may point at: a work tree, a `.git` directory, a bare repository or a `.bundle`. Nothing is written.
 * Throws SOURCE_MISSING, SOURCE_UNREADABLE with what the path turned out to be, TIMED_OUT, and the signal's reason.
 */
export async function openSource(
  path: string,
  { signal = new AbortController().signal }: OpenSourceOptions = {},
): Promise<RepositoryReader> {
  switch (await kindOf(path)) {
    case 'nothing':
      throw new SyncError('SOURCE_MISSING', { path });
    case 'file':
      return openBundle(path, { signal });
    case 'directory':
      return openRepositoryAt(path, signal);
    default:
      throw unreadable(path, 'it is neither a file nor a folder');
  }
}

async function openRepositoryAt(path: string, signal: AbortSignal): Promise<RepositoryReader> {
  const gitDirectory = await findGitDirectory(path);
  await requireSha1(path, gitDirectory);
  // Loaded when it is needed: a bundle is read without the package behind it, which takes a while to load.
  const { openGitDirectory } = await import('./git-directory-adapter.ts');
  // What an engine said a moment ago may be on its way into place.
  await untilUnlocked(gitDirectory, 'refs/heads/main', signal);
  const reader = await openGitDirectory(path, gitDirectory);
  try {
    if ((await reader.head()) !== undefined) return reader;
    throw unreadable(path, 'the repository has no commit yet, or none that its HEAD or refs/heads/main leads to');
  } catch (error) {
    await reader[Symbol.asyncDispose]();
    throw error;
  }
}

async function findGitDirectory(path: string): Promise<string> {
  for (const candidate of [path, join(path, '.git')]) if (await isGitDirectory(candidate)) return candidate;
  throw unreadable(path, 'the folder holds no git repository');
}

async function isGitDirectory(path: string): Promise<boolean> {
  const kinds = await Promise.all([kindOf(join(path, 'HEAD')), kindOf(join(path, 'objects'))]);
  return kinds[0] === 'file' && kinds[1] === 'directory';
}

async function requireSha1(path: string, gitDirectory: string): Promise<void> {
  const config = await readFile(join(gitDirectory, 'config'), 'utf8').catch(() => '');
  const format = /^\s*objectformat\s*=\s*(\S+)/im.exec(config)?.[1];
  if (format !== undefined && format !== 'sha1') throw unreadable(path, `its object ids are ${format}, not SHA-1`);
}

async function kindOf(path: string): Promise<'nothing' | 'file' | 'directory' | 'other'> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) return 'directory';
    return found.isFile() ? 'file' : 'other';
  } catch (error) {
    const code = errorCodeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'nothing';
    throw isSyncError(error) ? error : fileFailure(path, error);
  }
}

function unreadable(path: string, detail: string): SyncError {
  return new SyncError('SOURCE_UNREADABLE', { path, detail });
}
