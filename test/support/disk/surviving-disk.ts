/**
 * What a disk holds after the power went: what was flushed, and of the rest whatever a fate says.
 *
 * The rules are those of POSIX, harder than any one file system: flushing a file makes its bytes last but not its name;
 * flushing a directory makes the names in it last, not those of the directories above. Two things hold everywhere: a
 * rename happens whole or not at all, and the changes of one name happen in their order.
 */
import { createHash } from 'node:crypto';
import { linkSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DirectoryNode, DiskChange, DiskNode, FileNode, NameChange, RecordedDisk } from './recorded-disk.ts';
import { keyOfUnseen, layUnseen, type UnseenFiles } from './unseen-folder.ts';

/** What becomes of a change that was not flushed. `empty`: a file grows, but with zeros; for names the same as `lost`. */
export type Fate = 'kept' | 'lost' | 'empty';
export type Fates = (change: DiskChange) => Fate;

/** The process was killed, and the system lives on: nothing is lost. */
export const killed: Fates = () => 'kept';
/** Only what was flushed is there. */
export const nothingKept: Fates = () => 'lost';
/** Files have their names, but not their bytes. */
export const namesKept: Fates = ({ kind }) => (kind === 'names' ? 'kept' : 'lost');
/** The same, with as many zeros. */
export const zerosKept: Fates = ({ kind }) => (kind === 'names' ? 'kept' : 'empty');

/** Each change has its own fate, drawn from the seed. */
export function drawnFates(seed: number): Fates {
  let state = seed | 1;
  const fates = ['kept', 'lost', 'kept', 'empty'] as const;
  return () => {
    // Xorshift: any sequence will do that is the same for a seed.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return fates[(state >>> 8) & 3] ?? 'kept';
  };
}

export interface SurvivingDisk {
  /** The same for two that hold the same. */
  readonly key: string;
  /** Makes it in a directory that must not be there. */
  make(target: string): void;
}

/** What is left when the world stops after the first `count` changes. */
export function survivorOf(
  disk: Pick<RecordedDisk, 'root' | 'changes' | 'unseen'>,
  { count, fates }: { readonly count: number; readonly fates: Fates },
): SurvivingDisk {
  const changes = disk.changes.slice(0, count);
  const survived = fatesOf(changes, fates);
  const names = new Map<DirectoryNode, Map<string, DiskNode>>();
  const bytes = new Map<FileNode, Buffer>();
  const namesOf = (node: DirectoryNode) => remembered(names, node, () => new Map(node.initial));
  const bytesOf = (node: FileNode) => remembered(bytes, node, () => node.initial);
  let unseen: { readonly files: UnseenFiles; readonly share: number } | undefined;
  changes.forEach((change, place) => {
    const fate = survived[place] ?? 'lost';
    if (change.kind === 'unseen') unseen = { files: change.files, share: SHARES[fate] };
    if (fate === 'lost') return;
    if (change.kind === 'names') for (const one of change.changes) applyName(namesOf(one.directory), one);
    else if (change.kind === 'write' || change.kind === 'truncate')
      bytes.set(change.file, applyBytes(bytesOf(change.file), change, fate));
  });
  return {
    key: keyOfTree(disk.root, { namesOf, bytesOf }) + (unseen ? keyOfUnseen(unseen.files, unseen) : ''),
    make(target) {
      lay(disk.root, target, { namesOf, bytesOf, laid: new Map() });
      if (unseen && disk.unseen !== undefined) layUnseen(unseen.files, join(target, disk.unseen), unseen);
    },
  };
}

/** Of the end of a database's log. */
const SHARES: Readonly<Record<Fate, number>> = { kept: 1, lost: 0, empty: 0.5 };

function remembered<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key) ?? make();
  map.set(key, known);
  return known;
}

/** Of each change, in their order. */
function fatesOf(changes: readonly DiskChange[], fates: Fates): readonly Fate[] {
  const survived: Fate[] = changes.map((change) => fates(change));
  const keep = (isKept: (change: DiskChange, place: number) => boolean) =>
    changes.forEach((change, place) => {
      if (isKept(change, place)) survived[place] = 'kept';
    });
  for (const flush of changes) {
    if (flush.kind !== 'flush') continue;
    keep((change, place) => place < flush.begun && isOf(change, flush.node));
  }
  // What a kept change of a name rests on is kept as well.
  const needed = new Set<string>();
  for (let place = changes.length - 1; place >= 0; place--) {
    const change = changes[place];
    if (change?.kind !== 'names') continue;
    const keys = change.changes.map(keyOf);
    if (keys.some((key) => needed.has(key))) survived[place] = 'kept';
    if (survived[place] === 'kept') for (const key of keys) needed.add(key);
    else survived[place] = 'lost';
  }
  return survived;
}

function isOf(change: DiskChange, node: DiskNode): boolean {
  if (change.kind === 'names') return change.changes.some(({ directory }) => directory === node);
  return (change.kind === 'write' || change.kind === 'truncate') && change.file === node;
}

const numbers = new WeakMap<DirectoryNode, number>();
let directories = 0;

function keyOf({ directory, name }: NameChange): string {
  const number = numbers.get(directory) ?? ++directories;
  numbers.set(directory, number);
  return `${number}/${name}`;
}

function applyName(names: Map<string, DiskNode>, { name, node }: NameChange): void {
  if (node) names.set(name, node);
  else names.delete(name);
}

function applyBytes(
  before: Buffer,
  change: Extract<DiskChange, { kind: 'write' | 'truncate' }>,
  fate: Exclude<Fate, 'lost'>,
): Buffer {
  if (change.kind === 'truncate') {
    const after = Buffer.alloc(change.size);
    before.copy(after);
    return after;
  }
  const { at, bytes } = change;
  const after = Buffer.alloc(Math.max(before.length, at + bytes.byteLength));
  before.copy(after);
  if (fate === 'kept') after.set(bytes, at);
  return after;
}

interface Tree {
  readonly namesOf: (node: DirectoryNode) => ReadonlyMap<string, DiskNode>;
  readonly bytesOf: (node: FileNode) => Buffer;
}

function keyOfTree(directory: DirectoryNode, tree: Tree): string {
  const hash = createHash('sha1');
  for (const [name, node] of [...tree.namesOf(directory)].toSorted(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(`${name}\0${node.kind === 'file' ? digestOf(tree.bytesOf(node)) : keyOfTree(node, tree)}\n`);
  return hash.digest('hex');
}

const digests = new WeakMap<Buffer, string>();

function digestOf(bytes: Buffer): string {
  const digest = digests.get(bytes) ?? createHash('sha1').update(bytes).digest('hex');
  digests.set(bytes, digest);
  return digest;
}

interface Laying extends Tree {
  /** Where a file stands already, for its further names. */
  readonly laid: Map<FileNode, string>;
}

function lay(directory: DirectoryNode, path: string, laying: Laying): void {
  mkdirSync(path);
  for (const [name, node] of laying.namesOf(directory)) {
    const inner = join(path, name);
    if (node.kind === 'directory') {
      lay(node, inner, laying);
      continue;
    }
    const first = laying.laid.get(node);
    if (first) linkSync(first, inner);
    else writeFileSync(inner, laying.bytesOf(node));
    laying.laid.set(node, first ?? inner);
  }
}
