/** What each announced file is on this device: looked at many at a time, and hashed where only that can tell. */
import { join } from 'node:path';
import type { CommitId, FileId } from '../../ids.ts';
import { FILES_PER_TURN } from '../../limits.ts';
import type { BatchDisk, Digester, FileStamp, Standing } from '../ports.ts';
import { type ExpectedFile, type FileState, fileState, needsDigest } from './file-state.ts';

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
  readonly files: readonly File[];
  readonly disk: Pick<BatchDisk, 'look'>;
  readonly digester: Pick<Digester, 'identify'>;
  readonly signal: AbortSignal;
  /** A file that is still as it was known to be is not hashed again. */
  readonly known?: (interaction: CommitId) => KnownFile | undefined;
}

/**
 * Looks at the disk and says what each file is here. Of `FILES_PER_TURN` at a time, those that need not be hashed come first
 * and together, the others one by one. Symbolic links are followed; a dangling one counts as nothing. Reads only.
 * Throws FILE_FAILED for what may not be read, and WORKER_FAILED.
 */
export async function* scanFiles<File extends ScannableFile>(
  options: ScanOptions<File>,
): AsyncGenerator<readonly ScannedFile<File>[]> {
  const { files, signal } = options;
  for (let start = 0; start < files.length; start += FILES_PER_TURN) {
    signal.throwIfAborted();
    const looked = await lookFor(files.slice(start, start + FILES_PER_TURN), options);
    yield looked.flatMap((found) => told(found, options) ?? []);
    for (const found of looked) {
      signal.throwIfAborted();
      if (told(found, options) === undefined) yield [await identified(found.file, options)];
    }
  }
}

/** A file with what stands under its two names. */
interface Looked<File> {
  readonly file: File;
  readonly standing: Standing;
  readonly temporary: Standing;
}

async function lookFor<File extends ScannableFile>(
  files: readonly File[],
  { dataDir, disk }: ScanOptions<File>,
): Promise<readonly Looked<File>[]> {
  const standings = await disk.look(files.map(({ fileId }) => join(dataDir, fileId)));
  const looked = files.map((file, place) => ({ file, standing: standings[place] ?? 'nothing' }));
  // The temporary name matters only where there is nothing under the other one.
  const absent = looked.filter(({ standing }) => standing === 'nothing').map(({ file }) => file);
  const parts = await disk.look(absent.map(({ fileId }) => join(dataDir, `${fileId}.tmp`)));
  const temporaries = new Map(absent.map(({ interaction }, place) => [interaction, parts[place]]));
  return looked.map((found) => ({ ...found, temporary: temporaries.get(found.file.interaction) ?? 'nothing' }));
}

/** Undefined when only its digest can tell. */
function told<File extends ScannableFile>(
  { file, standing, temporary }: Looked<File>,
  { known: knownOf }: ScanOptions<File>,
): ScannedFile<File> | undefined {
  const stamp = [standing, temporary].find((found) => typeof found === 'object');
  if (!needsDigest(file, standing)) return { file, ...fileState(file, { standing, temporary }), stamp };
  const known = knownOf?.(file.interaction);
  if (!known || !isSame(known.stamp, standing)) return undefined;
  const digest = known.isComplete ? { digest: file.digest } : {};
  return { file, ...fileState(file, { standing, temporary, ...digest }), stamp };
}

/** It is looked at anew: the files before it may have taken long. One that changes under our hands has no digest worth having. */
async function identified<File extends ScannableFile>(
  file: File,
  options: ScanOptions<File>,
): Promise<ScannedFile<File>> {
  const [before] = await lookFor([file], options);
  const still = before && told(before, options);
  if (still) return still;
  const path = join(options.dataDir, file.fileId);
  const { digest } = await options.digester.identify(path, { signal: options.signal });
  const [after = 'nothing'] = await options.disk.look([path]);
  const findings = {
    standing: after,
    temporary: 'nothing',
    ...(isSame(before?.standing, after) && { digest }),
  } as const;
  return { file, ...fileState(file, findings), stamp: typeof after === 'object' ? after : undefined };
}

function isSame(one: Standing | undefined, other: Standing): boolean {
  if (typeof one !== 'object' || typeof other !== 'object') return false;
  return one.size === other.size && one.mtimeMs === other.mtimeMs && one.inode === other.inode;
}
