import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileFailure } from '../errors.ts';
import type { CommitId, Digest, FileId } from '../ids.ts';
import { type ExpectedFile, type FileState, fileState, needsDigest, type Standing } from './file-state.ts';
import type { Digester, FileStamp } from './ports.ts';

/** A file to look for. */
export interface ScannableFile extends ExpectedFile {
  readonly interaction: CommitId;
  readonly fileId: FileId;
}

/** What an earlier scan, or the receiver, found out about a file that looked like `stamp`. */
export interface KnownFile {
  readonly stamp: FileStamp;
  readonly isComplete: boolean;
}

export interface ScannedFile<File extends ScannableFile> extends FileState {
  readonly file: File;
  /** Of what stands under the name, or else of the temporary file; absent when there is neither. */
  readonly stamp: FileStamp | undefined;
}

export interface ScanOptions<File extends ScannableFile> {
  /** `conversation_data/<conversation>`; need not exist. */
  readonly dataDir: string;
  readonly files: Iterable<File>;
  readonly digester: Digester;
  readonly signal: AbortSignal;
  /** A file that is still as it was known to be is not hashed again. */
  readonly known?: (interaction: CommitId) => KnownFile | undefined;
}

/**
 * Looks at the disk and says what each announced file is here, in the order given, one at a time.
 * Symbolic links are followed; a dangling one counts as nothing. Reads only. Throws FILE_FAILED for what may not be read.
 */
export async function* scanFiles<File extends ScannableFile>(
  options: ScanOptions<File>,
): AsyncGenerator<ScannedFile<File>> {
  for (const file of options.files) {
    options.signal.throwIfAborted();
    yield await scanFile(file, options);
  }
}

async function scanFile<File extends ScannableFile>(
  file: File,
  options: ScanOptions<File>,
): Promise<ScannedFile<File>> {
  const path = join(options.dataDir, file.fileId);
  const [before, temporary] = [await look(path), await look(`${path}.tmp`)];
  const { standing, digest } = needsDigest(file, before)
    ? await identify(file, { path, before, options })
    : { standing: before, digest: undefined };
  return {
    file,
    ...fileState(file, { standing, temporary, ...(digest && { digest }) }),
    stamp: [standing, temporary].find((found) => typeof found === 'object'),
  };
}

interface Identified {
  readonly standing: Standing;
  readonly digest: Digest | undefined;
}

/** The digest of the file as it stands; of one that changes under our hands there is none worth having. */
async function identify<File extends ScannableFile>(
  file: File,
  { path, before, options }: { path: string; before: Standing; options: ScanOptions<File> },
): Promise<Identified> {
  const known = options.known?.(file.interaction);
  if (known && isSame(known.stamp, before))
    return { standing: before, digest: known.isComplete ? file.digest : undefined };
  const { digest } = await options.digester.identify(path, { signal: options.signal });
  const after = await look(path);
  return { standing: after, digest: isSame(before, after) ? digest : undefined };
}

/** Stat before open: opening a pipe to hash it would wait for ever. */
async function look(path: string): Promise<Standing> {
  let stats: Stats;
  try {
    stats = await stat(path);
  } catch (error) {
    if (isAbsence(error)) return 'nothing';
    throw fileFailure(path, error);
  }
  if (!stats.isFile()) return 'no-file';
  return { size: stats.size, mtimeMs: stats.mtimeMs, inode: stats.ino };
}

const ABSENT: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP']);

function isAbsence(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ABSENT.has(error.code);
}

function isSame(a: Standing, b: Standing): boolean {
  if (typeof a !== 'object' || typeof b !== 'object') return false;
  return a.size === b.size && a.mtimeMs === b.mtimeMs && a.inode === b.inode;
}
