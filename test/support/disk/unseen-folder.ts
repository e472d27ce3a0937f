/**
 * A folder of a database that native code writes to, unseen: looked at again and again, as often as something else happens
 * on the disk. What it leaves to the system to flush is the end of its write-ahead log, `<number>.log`, and that is seen
 * when the program makes it last.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { DiskCall } from './disk-call.ts';

export interface UnseenFile {
  readonly bytes: Buffer;
  /** So many are on the disk for good. */
  readonly flushed: number;
}

/** What lay in the folder at one instant, by name. */
export type UnseenFiles = ReadonlyMap<string, UnseenFile>;

export interface UnseenFolder {
  holds(path: string): boolean;
  note(flush: DiskCall & { readonly kind: 'flush' }): void;
  look(): UnseenFiles;
}

export function watchUnseen(folder: string): UnseenFolder {
  const flushed = new Map<string, number>();
  const known = new Map<string, { readonly stamp: string; readonly bytes: Buffer }>();

  function bytesOf(name: string): Buffer {
    const path = join(folder, name);
    const { size, mtimeMs, ino } = statSync(path);
    const stamp = `${size} ${mtimeMs} ${ino}`;
    const before = known.get(name);
    if (before?.stamp === stamp) return before.bytes;
    const bytes = readFileSync(path);
    known.set(name, { stamp, bytes });
    return bytes;
  }

  function fileOf(name: string): readonly [string, UnseenFile] {
    const bytes = bytesOf(name);
    return [name, { bytes, flushed: isLog(name) ? Math.min(bytes.length, flushed.get(name) ?? 0) : bytes.length }];
  }

  for (const name of namesIn(folder)) flushed.set(name, statSync(join(folder, name)).size);
  return {
    holds: (path) => path === folder || dirname(path) === folder,
    note({ file: { path } }) {
      if (isLog(path)) flushed.set(basename(path), statSync(path, { throwIfNoEntry: false })?.size ?? 0);
    },
    look: () => new Map(namesIn(folder).flatMap((name) => unlessGone(() => fileOf(name)))),
  };
}

const isLog = (name: string) => /^\d+\.log$/.test(basename(name));

/** Without the diary it keeps for its programmers, and the lock, of which only the owner counts. */
function namesIn(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => !name.startsWith('LOG'))
    .toSorted();
}

/** It may be removed at any moment. */
function unlessGone<Value>(look: () => Value): readonly Value[] {
  try {
    return [look()];
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

export function isSameUnseen(files: UnseenFiles, others: UnseenFiles): boolean {
  const isSame = ([name, { bytes, flushed }]: readonly [string, UnseenFile]) =>
    others.get(name)?.bytes === bytes && others.get(name)?.flushed === flushed;
  return files.size === others.size && [...files].every(isSame);
}

/** How much of a log's end, that nobody made last, is there all the same: between none, 0, and all of it, 1. */
export interface Survival {
  readonly share: number;
}

export function keyOfUnseen(files: UnseenFiles, survival: Survival): string {
  const hash = createHash('sha1');
  for (const [name, file] of files) hash.update(`${name} ${file.bytes.length}\n`).update(leftOf(file, survival));
  return hash.digest('hex');
}

export function layUnseen(files: UnseenFiles, folder: string, survival: Survival): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, file] of files) writeFileSync(join(folder, name), leftOf(file, survival));
}

function leftOf({ bytes, flushed }: UnseenFile, { share }: Survival): Buffer {
  return bytes.subarray(0, flushed + Math.floor((bytes.length - flushed) * share));
}
