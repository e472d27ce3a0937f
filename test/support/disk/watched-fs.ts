/**
 * `node:fs` with an observer in front of every call that changes something. Imported before anything that takes functions
 * out of `node:fs`, it sees all of them: ours, those of packages, in all three styles. It does not see what native
 * code does by itself, as the journal's storage; who has to know compares directories.
 */
import type * as NodeFs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { resolve, sep } from 'node:path';
import process from 'node:process';
import { type DiskCall, isWritePoint, type OpenFile } from './disk-call.ts';

export interface DiskObserver {
  /** What it throws, the caller gets, and nothing happens on the disk. Not asked for an opening that changes nothing. */
  before(call: DiskCall): void;
  /** The call has been carried out. `opened` comes with an opening. */
  after(call: DiskCall, opened?: OpenFile): void;
}

let watch: { readonly root: string; readonly observer: DiskObserver } | undefined;

/** Watches what happens in a directory until it is disposed of; one at a time. */
export function watchDisk(root: string, observer: DiskObserver): Disposable {
  if (watch !== undefined) throw new TypeError(`${watch.root} is being watched already`);
  watch = { root: resolve(root), observer };
  return {
    [Symbol.dispose]() {
      watch = undefined;
    },
  };
}

type Args = readonly unknown[];
type Describe = (args: Args, self: unknown) => DiskCall | undefined;
type Callable = (this: unknown, ...args: unknown[]) => unknown;

const fs: typeof NodeFs = process.getBuiltinModule('node:fs');
const { O_CREAT, O_TRUNC } = fs.constants;
/** Open files by their descriptor's number, or by their `FileHandle`. */
const openFiles = new Map<unknown, OpenFile>();

const pathOf = (value: unknown) => (typeof value === 'string' ? resolve(value) : '');
const numberOr = <Other>(value: unknown, other: Other) => (typeof value === 'number' ? value : other);

function copyOf(data: unknown): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data);
  return ArrayBuffer.isView(data)
    ? Buffer.from(Buffer.from(data.buffer, data.byteOffset, data.byteLength))
    : Buffer.of();
}

function flagsOf(flags: unknown): { readonly creates: boolean; readonly empties: boolean } {
  if (typeof flags === 'number') return { creates: (flags & O_CREAT) !== 0, empties: (flags & O_TRUNC) !== 0 };
  const text = typeof flags === 'string' ? flags : 'r';
  return { creates: /[wa]/.test(text), empties: text.includes('w') && !text.includes('x') };
}

const onFile = (key: unknown, make: (file: OpenFile) => DiskCall): DiskCall | undefined => {
  const file = openFiles.get(key);
  return file && make(file);
};

/** `buffer, offset, length, position` or `text, position`. */
function written(key: unknown, [data, ...rest]: Args): DiskCall | undefined {
  return onFile(key, (file) => {
    const isText = typeof data === 'string';
    const [offset, length, position] = isText ? [0, undefined, rest[0]] : rest;
    const bytes = copyOf(data);
    const start = numberOr(offset, 0);
    return {
      ...{ kind: 'write', file, at: numberOr(position, undefined) },
      bytes: bytes.subarray(start, start + numberOr(length, bytes.length - start)),
    };
  });
}

const writtenMany = (key: unknown, [buffers, position]: Args) =>
  onFile(key, (file) => ({
    ...{ kind: 'write', file, at: numberOr(position, undefined) },
    bytes: Buffer.concat(Array.isArray(buffers) ? buffers.map(copyOf) : []),
  }));

const flushed = (key: unknown) => onFile(key, (file) => ({ kind: 'flush', file }));
const truncated = (key: unknown, size: unknown) =>
  onFile(key, (file) => ({ kind: 'truncate', file, size: numberOr(size, 0) }));

const BY_PATH: Readonly<Record<string, Describe>> = {
  open: ([path, flags]) => ({ kind: 'open', path: pathOf(path), ...flagsOf(flags) }),
  mkdir: ([path]) => ({ kind: 'make-directory', path: pathOf(path) }),
  rm: ([path]) => ({ kind: 'remove', path: pathOf(path) }),
  rmdir: ([path]) => ({ kind: 'remove', path: pathOf(path) }),
  unlink: ([path]) => ({ kind: 'remove', path: pathOf(path) }),
  rename: ([from, to]) => ({ kind: 'rename', from: pathOf(from), to: pathOf(to) }),
  link: ([from, to]) => ({ kind: 'link', from: pathOf(from), to: pathOf(to) }),
  copyFile: ([from, to]) => ({ kind: 'copy', from: pathOf(from), to: pathOf(to) }),
};

const BY_NUMBER: Readonly<Record<string, Describe>> = {
  write: ([file, ...rest]) => written(file, rest),
  writev: ([file, ...rest]) => writtenMany(file, rest),
  fsync: ([file]) => flushed(file),
  fdatasync: ([file]) => flushed(file),
  ftruncate: ([file, size]) => truncated(file, size),
};

const BY_HANDLE: Readonly<Record<string, Describe>> = {
  write: (args, self) => written(self, args),
  writev: (args, self) => writtenMany(self, args),
  writeFile: ([data], self) => written(self, [data]),
  appendFile: ([data], self) => written(self, [data]),
  sync: (_, self) => flushed(self),
  datasync: (_, self) => flushed(self),
  truncate: ([size], self) => truncated(self, size),
};

const writeWhole: Describe = ([file, data]) =>
  typeof file === 'string' ? { kind: 'write-whole', path: pathOf(file), bytes: copyOf(data) } : written(file, [data]);

/** What is to be told of a call, if it concerns the directory that is watched. */
function toldOf(describe: Describe, args: Args, self: unknown): DiskCall | undefined {
  const call = describe(args, self);
  if (watch === undefined || call === undefined || 'file' in call) return call;
  const { root } = watch;
  return isIn(root, 'path' in call ? call.path : call.to) ? call : undefined;
}

const isIn = (root: string, path: string) => path === root || path.startsWith(root + sep);

function begin(call: DiskCall | undefined): void {
  if (call && isWritePoint(call)) watch?.observer.before(call);
}

/** `result` is what an opening gave: a number or a `FileHandle`. */
function finish(call: DiskCall | undefined, result: unknown): void {
  if (call?.kind !== 'open') {
    if (call) watch?.observer.after(call);
    return;
  }
  const opened = { path: call.path };
  openFiles.set(result, opened);
  watch?.observer.after(call, opened);
}

type Style = (original: Callable, describe: Describe) => Callable;

const promising: Style = (original, describe) =>
  async function (...args) {
    const call = toldOf(describe, args, this);
    begin(call);
    const result = await Reflect.apply(original, this, args);
    finish(call, result);
    return result;
  };

let isInsideSync = false;

/** Some of these call one another. */
const atOnce: Style = (original, describe) =>
  function (...args) {
    if (isInsideSync) return Reflect.apply(original, this, args);
    const call = toldOf(describe, args, this);
    begin(call);
    isInsideSync = true;
    try {
      const result = Reflect.apply(original, this, args);
      finish(call, result);
      return result;
    } finally {
      isInsideSync = false;
    }
  };

const callingBack: Style = (original, describe) =>
  function (...args) {
    const tell = args.at(-1);
    const call = toldOf(describe, args, this);
    if (call === undefined || typeof tell !== 'function') return Reflect.apply(original, this, args);
    try {
      begin(call);
    } catch (error) {
      queueMicrotask(() => Reflect.apply(tell, undefined, [error]));
      return undefined;
    }
    const told = (error: unknown, ...results: unknown[]) => {
      if (!error) finish(call, results[0]);
      Reflect.apply(tell, undefined, [error, ...results]);
    };
    return Reflect.apply(original, this, [...args.slice(0, -1), told]);
  };

function isCallable(value: unknown): value is Callable {
  return typeof value === 'function';
}

/** Keeps what hangs on the function, such as how it is promisified. */
function wrap(
  owner: object,
  table: Readonly<Record<string, Describe>>,
  [style, suffix]: readonly [Style, string],
): void {
  for (const [name, describe] of Object.entries(table)) {
    const original = Reflect.get(owner, name + suffix);
    if (!isCallable(original)) throw new TypeError(`there is no ${name + suffix}`);
    const wrapped = style(original, describe);
    Object.defineProperties(wrapped, Object.getOwnPropertyDescriptors(original));
    Reflect.set(owner, name + suffix, wrapped);
  }
}

/** The number stands for another file next time. */
const forget: Describe = ([file]) => {
  openFiles.delete(file);
  return undefined;
};

const probe = await fs.promises.open(process.execPath, 'r');
const handles = Reflect.getPrototypeOf(probe);
await probe.close();
if (handles === null) throw new TypeError('file handles have no prototype');

wrap(fs.promises, { ...BY_PATH, writeFile: writeWhole }, [promising, '']);
wrap(handles, BY_HANDLE, [promising, '']);
// `writeFile` with a callback goes through `open` and `write`, which are watched themselves.
wrap(fs, { ...BY_PATH, ...BY_NUMBER, close: forget }, [callingBack, '']);
wrap(fs, { ...BY_PATH, ...BY_NUMBER, writeFile: writeWhole, close: forget }, [atOnce, 'Sync']);
syncBuiltinESMExports();
