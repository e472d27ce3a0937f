import { type Stats, statSync } from 'node:fs';
import { errorCodeOf } from '../../error-code.ts';
import { fileFailure } from '../../errors.ts';
import type { Standing } from '../ports.ts';

/** As `BatchDisk.look`. Stat before open: opening a pipe to hash it would wait for ever. */
export function lookAt(paths: readonly string[]): readonly Standing[] {
  return paths.map(standingAt);
}

function standingAt(path: string): Standing {
  let stats: Stats | undefined;
  try {
    stats = statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (isAbsence(error)) return 'nothing';
    throw fileFailure(path, error);
  }
  if (!stats) return 'nothing';
  if (!stats.isFile()) return 'no-file';
  return { size: stats.size, mtimeMs: stats.mtimeMs, inode: stats.ino };
}

const ABSENT: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP']);

function isAbsence(error: unknown): boolean {
  return ABSENT.has(errorCodeOf(error));
}
