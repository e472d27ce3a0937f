/** Git's index (gitformat-index): which files were checked out, and how each of them looked then. */
import { createHash } from 'node:crypto';
import { ID_BYTES, idFromBytes, idToBytes } from '../../../id-bytes.ts';
import type { ObjectId } from '../../../ids.ts';

export interface IndexEntry {
  readonly path: string;
  /** `STAT_BYTES` of them, as git compares them. */
  readonly stat: Uint8Array;
  readonly id: ObjectId;
}

/** Of a file that was looked at. Times are nanoseconds since the Unix epoch. */
export interface FileLook {
  readonly ctimeNs: bigint;
  readonly mtimeNs: bigint;
  readonly dev: bigint;
  readonly ino: bigint;
  readonly uid: bigint;
  readonly gid: bigint;
  readonly size: bigint;
}

/** Both times, each as seconds and the rest, device, inode, mode, owner, group, size. */
const STAT_WORDS = 10;
export const STAT_BYTES = STAT_WORDS * 4;
const SECOND = 1_000_000_000n;

/** The mode is the tree's, not that of the file: what a system knows of modes differs. */
export function formatStat(look: FileLook, isExecutable: boolean): Uint8Array {
  const { ctimeNs, mtimeNs, dev, ino, uid, gid, size } = look;
  const mode = isExecutable ? 0o100755n : 0o100644n;
  const times = [ctimeNs / SECOND, ctimeNs % SECOND, mtimeNs / SECOND, mtimeNs % SECOND];
  const bytes = Buffer.alloc(STAT_BYTES);
  for (const [place, word] of [...times, dev, ino, mode, uid, gid, size].entries())
    bytes.writeUInt32BE(Number(BigInt.asUintN(32, word)), place * 4);
  return bytes;
}

const SIGNATURE = 'DIRC';
const HEADER_BYTES = 12;
const FLAGS_AT = STAT_BYTES + ID_BYTES;
const PATH_AT = FLAGS_AT + 2;
/** What the flags hold of a path's length; a longer one goes on up to its NUL. */
const LONGEST_STATED = 0xfff;
/** Since version 3: two more bytes of flags. */
const IS_EXTENDED = 0x4000;
/** Entries are padded with NULs, at least one. */
const PADDED_TO = 8;

/** Version 2, of entries in any order. */
export function formatIndex(entries: readonly IndexEntry[]): Uint8Array {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write(SIGNATURE, 'latin1');
  header.writeUInt32BE(2, 4);
  header.writeUInt32BE(entries.length, 8);
  const sorted = entries
    .map((entry) => ({ ...entry, path: Buffer.from(entry.path) }))
    .sort((a, b) => a.path.compare(b.path));
  const body = Buffer.concat([header, ...sorted.map(formatEntry)]);
  return Buffer.concat([body, sha1(body)]);
}

function formatEntry({ path, stat, id }: Omit<IndexEntry, 'path'> & { readonly path: Buffer }): Uint8Array {
  const end = PATH_AT + path.byteLength;
  const bytes = Buffer.alloc(paddedEnd(end));
  bytes.set(stat);
  bytes.set(idToBytes(id), STAT_BYTES);
  bytes.writeUInt16BE(Math.min(path.byteLength, LONGEST_STATED), FLAGS_AT);
  bytes.set(path, PATH_AT);
  return bytes;
}

/** Undefined when the bytes are damaged, or of a version that shortens paths. Extensions behind the entries are passed over. */
export function parseIndex(file: Uint8Array): readonly IndexEntry[] | undefined {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const end = bytes.byteLength - ID_BYTES;
  if (!isReadable(bytes, end)) return undefined;
  const entries: IndexEntry[] = [];
  const count = bytes.readUInt32BE(8);
  for (let at = HEADER_BYTES; entries.length < count; ) {
    if (at + PATH_AT > end) return undefined;
    const pathAt = at + PATH_AT + ((bytes.readUInt16BE(at + FLAGS_AT) & IS_EXTENDED) === 0 ? 0 : 2);
    const nul = bytes.indexOf(0, pathAt);
    if (nul < 0 || nul >= end) return undefined;
    const stat = bytes.subarray(at, at + STAT_BYTES);
    entries.push({ path: bytes.toString('utf8', pathAt, nul), stat, id: idFromBytes(bytes, at + STAT_BYTES) });
    at += paddedEnd(nul - at);
  }
  return entries;
}

/** `end` is where the checksum begins. */
function isReadable(bytes: Buffer, end: number): boolean {
  if (end < HEADER_BYTES || bytes.toString('latin1', 0, 4) !== SIGNATURE) return false;
  const version = bytes.readUInt32BE(4);
  return (version === 2 || version === 3) && sha1(bytes.subarray(0, end)).equals(bytes.subarray(end));
}

/** Where an entry ends whose path ends there, both counted from where it begins. */
function paddedEnd(pathEnd: number): number {
  return (Math.floor(pathEnd / PADDED_TO) + 1) * PADDED_TO;
}

function sha1(bytes: Uint8Array): Buffer {
  return createHash('sha1').update(bytes).digest();
}
