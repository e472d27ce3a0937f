import { SyncError } from '../../../errors.ts';
import { ID_BYTES, idFromBytes, idToBytes } from '../../../id-bytes.ts';
import type { ObjectId } from '../../../ids.ts';
import { TREE_ENTRIES } from '../../../limits.ts';

/** File, executable file, symbolic link, directory, submodule; written exactly so. */
export type TreeMode = '100644' | '100755' | '120000' | '40000' | '160000';

export interface TreeEntry {
  readonly mode: TreeMode;
  readonly name: string;
  readonly id: ObjectId;
}

const MODES: ReadonlySet<string> = new Set<TreeMode>(['100644', '100755', '120000', '40000', '160000']);
const LONGEST_MODE = 6;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The entries of a tree object.
 *
 * Accepts what `git fsck --strict` accepts and nothing else: known modes, safe names, git's order, no name twice.
 * Throws MALFORMED, LIMIT_EXCEEDED.
 */
export function parseTree(bytes: Uint8Array): readonly TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < bytes.byteLength; ) {
    const space = bytes.subarray(at, at + LONGEST_MODE + 1).indexOf(0x20);
    const nul = bytes.indexOf(0, at);
    if (space < 0 || nul < 0 || nul + 1 + ID_BYTES > bytes.byteLength) throw malformed('an entry is cut short');
    const mode = Buffer.from(bytes.buffer, bytes.byteOffset + at, space).toString('latin1');
    if (!isTreeMode(mode)) throw malformed(`an entry has mode "${mode}"`);
    entries.push({ mode, name: decodeName(bytes.subarray(at + space + 1, nul)), id: idFromBytes(bytes, nul + 1) });
    at = nul + 1 + ID_BYTES;
  }
  checkEntries(entries);
  return entries;
}

/** The tree object of these entries, given in any order. Throws MALFORMED for a name that must not be in a tree. */
export function formatTree(entries: readonly TreeEntry[]): Uint8Array {
  const sorted = entries.toSorted(compareTreeEntries);
  checkEntries(sorted);
  return Buffer.concat(
    sorted.flatMap(({ mode, name, id }) => [Buffer.from(`${mode} ${name}\0`, 'utf8'), idToBytes(id)]),
  );
}

/** Git's order: by the bytes of the name, a directory as if its name ended in a slash. */
export function compareTreeEntries(a: TreeEntry, b: TreeEntry): number {
  return Buffer.compare(sortKey(a), sortKey(b));
}

function sortKey({ mode, name }: TreeEntry): Buffer {
  return Buffer.from(mode === '40000' ? `${name}/` : name, 'utf8');
}

function checkEntries(sorted: readonly TreeEntry[]): void {
  if (sorted.length > TREE_ENTRIES) {
    throw new SyncError('LIMIT_EXCEEDED', { what: 'Entries of a tree', limit: TREE_ENTRIES, actual: sorted.length });
  }
  const names = new Set<string>();
  let previous: TreeEntry | undefined;
  for (const entry of sorted) {
    checkName(entry.name);
    // A file and a directory of one name are not neighbours in git's order, so the order alone does not show them.
    if (names.has(entry.name)) throw malformed(`the name "${entry.name}" stands twice`);
    if (previous && compareTreeEntries(previous, entry) > 0) throw malformed('the entries are out of order');
    names.add(entry.name);
    previous = entry;
  }
}

/** What macOS leaves out when it compares names. */
const HFS_IGNORES = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;
/**
 * Also under its short name, and as Windows reads it: dots and spaces at the end do not count, and a colon begins a
 * stream of the same file.
 */
const REPOSITORY = /^(\.git|git~1)[ .]*(:|$)/i;

/** Names that would leave the work tree or reach into the repository when checked out, here or on another system. */
function checkName(name: string): void {
  const forbidden = name === '' || name === '.' || name === '..' || /[/\\\0]/.test(name);
  if (forbidden || REPOSITORY.test(name.replace(HFS_IGNORES, ''))) throw malformed(`the name "${name}" is not allowed`);
}

function decodeName(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    throw new SyncError('MALFORMED', { what: 'git tree', detail: 'a name is not UTF-8' }, { cause: error });
  }
}

function isTreeMode(word: string): word is TreeMode {
  return MODES.has(word);
}

function malformed(detail: string): SyncError {
  return new SyncError('MALFORMED', { what: 'git tree', detail });
}
