/** Files that are there whole or not at all, whenever the process or the machine stops. */
import { randomBytes } from 'node:crypto';
import { closeSync, fsync, openSync, writeFile, writeFileSync } from 'node:fs';
import { mkdir, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { errorCodeOf } from './error-code.ts';
import { fileFailure } from './errors.ts';

export interface DurableOptions {
  /** Where the temporary file is made; on the same file system as `path`. */
  readonly temporaryIn: string;
  readonly mode?: number;
  /** Off for what can be made again: then only a killed process is survived, not a power failure. */
  readonly flush?: boolean;
}

/** What a file is to hold: at once, or one piece after the other. */
type Content = Uint8Array | string | AsyncIterable<Uint8Array>;

/** Names of temporary files begin so; git's own clean-up knows the name and takes away what is old. */
export const TEMPORARY_PREFIX = 'tmp_obj_';

function temporaryPath(directory: string): string {
  return join(directory, `${TEMPORARY_PREFIX}${randomBytes(8).toString('hex')}`);
}

/**
 * Temporary file, flush, rename. The directory of `path` must exist. Throws the file system's own error.
 * `settle` has all survive a power failure that must be there before the name is; it is done beside the file's own flush.
 * The new name itself is made to last by the next `flushDirectory`.
 */
export async function writeDurably(
  path: string,
  content: Content,
  { settle = async () => {}, ...options }: DurableOptions & { readonly settle?: () => Promise<unknown> },
): Promise<void> {
  const [written, settled] = await Promise.allSettled([writeTemporary(content, options), settle()]);
  if (written.status === 'rejected') throw written.reason;
  const temporary = written.value;
  try {
    if (settled.status === 'rejected') throw settled.reason;
    await rename(temporary, path);
  } catch (error) {
    await removeTemporary(temporary);
    throw error;
  }
}

/**
 * The first half of `writeDurably`: the path of a flushed file, to be renamed. Throws the file system's own error; then
 * nothing is left.
 */
export async function writeTemporary(content: Content, options: DurableOptions): Promise<string> {
  const temporary = temporaryPath(options.temporaryIn);
  try {
    const file = await createFile(temporary, options.mode);
    try {
      await fillWith(file, content);
      if (options.flush !== false) await file.flush();
    } finally {
      file.close();
    }
    return temporary;
  } catch (error) {
    await removeTemporary(temporary);
    throw error;
  }
}

async function fillWith(file: NewFile, content: Content): Promise<void> {
  if (typeof content === 'string' || content instanceof Uint8Array) return file.fill(content);
  for await (const piece of content) await file.fill(piece);
}

/** One that cannot be removed now is when its directory is looked after the next time. */
export async function removeTemporary(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => {});
}

/**
 * A file that was not there before. What waits for the disk runs on a thread of the pool; the rest takes less time than
 * to wake one.
 */
export interface NewFile {
  /** Behind what is there already. */
  fill(bytes: Uint8Array | string): Promise<void>;
  flush(): Promise<void>;
  close(): void;
}

/** Throws the file system's own error, EEXIST among others. */
export async function createFile(path: string, mode = 0o644): Promise<NewFile> {
  const file = openSync(path, 'wx', mode);
  return {
    fill: async (bytes) => (bytes.length > QUICK_BYTES ? filled(file, bytes) : writeFileSync(file, bytes)),
    flush: () => flushed(file),
    close: () => closeSync(file),
  };
}

/** Up to so many bytes, or characters, are written before a thread of the pool would have woken. */
const QUICK_BYTES = 64 * 1024;
const filled = promisify<number, Uint8Array | string>(writeFile);
const flushed = promisify(fsync);

/** Makes the bytes of a file survive a power failure. Throws the file system's own error. */
export async function flushFile(path: string): Promise<void> {
  const file = openSync(path, 'r');
  try {
    await flushed(file);
  } finally {
    closeSync(file);
  }
}

/** Makes new names in a directory survive a power failure. Where directories cannot be opened, the system does without. */
export async function flushDirectory(path: string): Promise<void> {
  try {
    const directory = openSync(path, 'r');
    try {
      await flushed(directory);
    } finally {
      closeSync(directory);
    }
  } catch (error) {
    const code = errorCodeOf(error);
    if (code !== 'EISDIR' && code !== 'EPERM' && code !== 'EINVAL') throw fileFailure(path, error);
  }
}

/** As `flushDirectory`, with all directories below, but for those of a name. */
export async function flushTree(path: string, { except }: { readonly except?: string } = {}): Promise<void> {
  await flushDirectory(path);
  const entries = await readdir(path, { withFileTypes: true });
  const inner = entries.filter((entry) => entry.isDirectory() && entry.name !== except);
  await Promise.all(inner.map(({ name }) => flushTree(join(path, name))));
}

/**
 * Creates a directory if need be, with those above it, and has their names last: a file that is flushed in a new
 * directory is lost all the same when the directory's own name is. Returns those that were not there, topmost first. Throws
 * the file system's own error, or FILE_FAILED; then none of them is left.
 */
export async function makeDirectory(path: string, mode?: number): Promise<readonly string[]> {
  const made: string[] = [];
  try {
    await makeMissing(resolve(path), mode, made);
    for (const directory of made.toReversed()) await flushDirectory(dirname(directory));
    return made;
  } catch (error) {
    await removeEmpty(made);
    throw error;
  }
}

/** Takes away what `makeDirectory` made. Somebody may have put something there meanwhile: then it stays. */
export async function removeEmpty(made: readonly string[]): Promise<void> {
  for (const directory of made.toReversed()) await rmdir(directory).catch(() => {});
}

/**
 * Adds what it makes to `made`. One after the other: asked for several at once where nothing can be written, `mkdir` says
 * that something is missing, and not why.
 */
async function makeMissing(path: string, mode: number | undefined, made: string[]): Promise<void> {
  try {
    await mkdir(path, mode);
    made.push(path);
  } catch (error) {
    const code = errorCodeOf(error);
    if (code === 'ENOENT' && dirname(path) !== path) {
      await makeMissing(dirname(path), mode, made);
      return makeMissing(path, mode, made);
    }
    if (!(await isDirectory(path))) throw error;
  }
}

async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}
