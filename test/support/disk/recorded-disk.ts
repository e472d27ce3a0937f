/**
 * A directory whose every change is written down, so that what would be left of it can be made afterwards for any
 * instant at which the process, or the power, goes. The work is done once, however many instants are looked at.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { type DiskCall, type OpenFile, placeOf } from './disk-call.ts';
import { isSameUnseen, type UnseenFiles, type UnseenFolder, watchUnseen } from './unseen-folder.ts';
import { watchDisk } from './watched-fs.ts';

export interface FileNode {
  readonly kind: 'file';
  /** As it was when the recording began; all of that is on the disk. */
  readonly initial: Buffer;
}

export interface DirectoryNode {
  readonly kind: 'directory';
  readonly initial: ReadonlyMap<string, DiskNode>;
  /** As it is now. */
  readonly names: Map<string, DiskNode>;
}

export type DiskNode = FileNode | DirectoryNode;

export interface NameChange {
  readonly directory: DirectoryNode;
  readonly name: string;
  /** Absent: the name is taken away. */
  readonly node: DiskNode | undefined;
}

export type DiskChange =
  /** All at once: a rename is two. */
  | { readonly kind: 'names'; readonly changes: readonly NameChange[]; readonly what: string }
  | { readonly kind: 'write'; readonly file: FileNode; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'truncate'; readonly file: FileNode; readonly size: number }
  /** Covers the changes before the place where it began. */
  | { readonly kind: 'flush'; readonly node: DiskNode; readonly begun: number }
  /** What lies in the folder that is written to unseen, from here on. */
  | { readonly kind: 'unseen'; readonly files: UnseenFiles }
  /** Something was promised to the user: from here on it must not be lost. */
  | { readonly kind: 'promised'; readonly what: string };

export interface RecordedDisk extends Disposable {
  readonly root: DirectoryNode;
  readonly changes: readonly DiskChange[];
  /** The folder that is written to unseen, as a path in the directory. */
  readonly unseen: string | undefined;
  promise(what: string): void;
}

/** Records until disposed of. `unseen`, a path in the directory, is the folder of a database that writes by itself. */
export function recordDisk(path: string, unseen?: string): RecordedDisk {
  const recorder = new Recorder(path, unseen);
  const watching = watchDisk(path, recorder);
  return {
    root: recorder.root,
    changes: recorder.changes,
    unseen,
    promise: (what) => void recorder.changes.push({ kind: 'promised', what }),
    [Symbol.dispose]: () => watching[Symbol.dispose](),
  };
}

function directoryOf(names: ReadonlyMap<string, DiskNode>): DirectoryNode {
  return { kind: 'directory', initial: new Map(names), names: new Map(names) };
}

function read(path: string, unseen: UnseenFolder | undefined): DirectoryNode {
  const names = new Map<string, DiskNode>();
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const inner = join(path, entry.name);
    if (unseen?.holds(inner)) continue;
    if (entry.isDirectory()) names.set(entry.name, read(inner, unseen));
    if (entry.isFile()) names.set(entry.name, { kind: 'file', initial: readFileSync(inner) });
  }
  return directoryOf(names);
}

/** A file of somewhere else that gets a name here; it may not have been flushed there. */
function foreign(path: string): FileNode {
  return { kind: 'file', initial: readFileSync(path) };
}

class Recorder {
  readonly root: DirectoryNode;
  readonly changes: DiskChange[] = [];
  readonly #path: string;
  readonly #opened = new WeakMap<OpenFile, { readonly node: DiskNode; end: number }>();
  readonly #begun = new WeakMap<DiskCall, number>();
  readonly #unseen: UnseenFolder | undefined;
  #lastSeen: UnseenFiles = new Map();

  constructor(path: string, unseen: string | undefined) {
    this.#path = path;
    this.#unseen = unseen === undefined ? undefined : watchUnseen(join(path, unseen));
    this.root = read(path, this.#unseen);
    this.#look();
  }

  before(call: DiskCall): void {
    if (call.kind === 'flush') this.#begun.set(call, this.changes.length);
    this.#look();
  }

  after(call: DiskCall, opened?: OpenFile): void {
    if (!this.#unseen?.holds(placeOf(call))) this.#note(call, opened);
    else if (call.kind === 'flush') {
      this.#unseen.note(call);
      this.#look();
    }
  }

  #look(): void {
    const files = this.#unseen?.look();
    if (files === undefined || isSameUnseen(files, this.#lastSeen)) return;
    this.changes.push({ kind: 'unseen', files });
    this.#lastSeen = files;
  }

  #note(call: DiskCall, opened: OpenFile | undefined): void {
    if (call.kind === 'open') this.#open(call, opened);
    else if (call.kind === 'write') this.#write(call);
    else if (call.kind === 'truncate') this.#truncate(call);
    else if (call.kind === 'flush') this.#flush(call);
    else if (call.kind === 'make-directory') this.#makeDirectory(call.path);
    else if (call.kind === 'remove') this.#remove(call.path);
    else if (call.kind === 'rename') this.#rename(call.from, call.to);
    else if (call.kind === 'link') this.#link(call.to, this.#nodeAt(call.from) ?? foreign(call.from));
    else if (call.kind === 'copy') this.#writeWhole(call.to, readFileSync(call.from));
    else this.#writeWhole(call.path, call.bytes);
  }

  #nodeAt(path: string): DiskNode | undefined {
    let node: DiskNode | undefined = this.root;
    for (const name of relative(this.#path, path).split(sep).filter(Boolean))
      node = node?.kind === 'directory' ? node.names.get(name) : undefined;
    return node;
  }

  #directoryAt(path: string): DirectoryNode {
    const node = this.#nodeAt(path);
    if (node?.kind === 'directory') return node;
    throw new TypeError(`the recording knows no directory ${path}`);
  }

  #change(what: string, changes: readonly NameChange[]): void {
    for (const { directory, name, node } of changes) {
      if (node) directory.names.set(name, node);
      else directory.names.delete(name);
    }
    this.changes.push({ kind: 'names', changes, what });
  }

  #link(path: string, node: DiskNode): void {
    const directory = this.#directoryAt(dirname(path));
    this.#change(`make ${relative(this.#path, path)}`, [{ directory, name: basename(path), node }]);
  }

  #createFile(path: string): FileNode {
    const file: FileNode = { kind: 'file', initial: Buffer.of() };
    this.#link(path, file);
    return file;
  }

  #makeDirectory(path: string): DirectoryNode {
    const there = this.#nodeAt(path);
    if (there?.kind === 'directory') return there;
    this.#makeDirectory(dirname(path));
    const made = directoryOf(new Map());
    this.#link(path, made);
    return made;
  }

  #open({ path, creates, empties }: Extract<DiskCall, { kind: 'open' }>, opened: OpenFile | undefined): void {
    const there = this.#nodeAt(path);
    const node = there ?? (creates ? this.#createFile(path) : undefined);
    if (there?.kind === 'file' && empties) this.changes.push({ kind: 'truncate', file: there, size: 0 });
    if (node && opened) this.#opened.set(opened, { node, end: 0 });
  }

  #truncate({ file: opened, size }: Extract<DiskCall, { kind: 'truncate' }>): void {
    const file = this.#opened.get(opened)?.node;
    if (file?.kind === 'file') this.changes.push({ kind: 'truncate', file, size });
  }

  #write({ file: opened, bytes, at }: Extract<DiskCall, { kind: 'write' }>): void {
    const known = this.#opened.get(opened);
    if (known?.node.kind !== 'file') return;
    this.changes.push({ kind: 'write', file: known.node, at: at ?? known.end, bytes });
    if (at === undefined) known.end += bytes.byteLength;
  }

  #writeWhole(path: string, bytes: Uint8Array): void {
    const there = this.#nodeAt(path);
    const file = there?.kind === 'file' ? there : this.#createFile(path);
    if (there) this.changes.push({ kind: 'truncate', file, size: 0 });
    this.changes.push({ kind: 'write', file, at: 0, bytes });
  }

  #flush(call: Extract<DiskCall, { kind: 'flush' }>): void {
    const known = this.#opened.get(call.file);
    if (known) this.changes.push({ kind: 'flush', node: known.node, begun: this.#begun.get(call) ?? 0 });
  }

  /** What is in a directory goes first, name by name. */
  #remove(path: string): void {
    const node = this.#nodeAt(path);
    if (node === undefined) return;
    if (node.kind === 'directory') for (const name of [...node.names.keys()]) this.#remove(join(path, name));
    const directory = this.#directoryAt(dirname(path));
    this.#change(`remove ${relative(this.#path, path)}`, [{ directory, name: basename(path), node: undefined }]);
  }

  #rename(from: string, to: string): void {
    const node = this.#nodeAt(from);
    // One name of a file over another of the same file: nothing happens, by POSIX.
    if (node === undefined || node === this.#nodeAt(to)) return;
    this.#change(`rename to ${relative(this.#path, to)}`, [
      { directory: this.#directoryAt(dirname(from)), name: basename(from), node: undefined },
      { directory: this.#directoryAt(dirname(to)), name: basename(to), node },
    ]);
  }
}
