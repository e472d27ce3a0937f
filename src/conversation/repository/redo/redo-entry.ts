/**
 * The codec of the redo file: entries one behind the other, each with a digest over the one before it and its own body.
 * So what an earlier use of the file left behind the last entry, and one that a crash cut short, count for nothing.
 * A commit that is written down while it is being signed has two: one without its signature, and behind it the signed commit alone.
 */
import { createHash } from 'node:crypto';
import { asCommitId, ID_BYTES, idFromBytes, idToBytes } from '../../../id-bytes.ts';
import type { CommitId } from '../../../ids.ts';
import { frameHeader, parseFrame } from '../objects/object-frame.ts';
import type { GitObject, Signed, Unsigned } from '../repository.ts';

/** Objects that come into place, and then the head moves. */
export interface RedoEntry {
  readonly from: CommitId;
  readonly to: CommitId;
  readonly objects: readonly GitObject[];
}

/** The same while the commit, the last of the objects, has no signature yet, so that nobody knows its id. */
export interface UnsignedEntry {
  readonly from: CommitId;
  readonly to: undefined;
  readonly objects: readonly GitObject[];
}

export type WrittenEntry = RedoEntry | UnsignedEntry;

export interface JoinedEntries {
  readonly entries: readonly RedoEntry[];
  /** The last one, if its signature was not written. */
  readonly unsigned: UnsignedEntry | undefined;
}

const DIGEST_BYTES = 32;
const LENGTH_BYTES = 4;
/** What stands before an entry's body: its digest, and its length, big-endian. */
export const REDO_HEADER_BYTES = DIGEST_BYTES + LENGTH_BYTES;
/** What stands before the first entry. */
export const NO_ENTRY: Uint8Array = new Uint8Array(DIGEST_BYTES);
/** Stands for the id of a commit that has none yet. */
const NO_ID: Uint8Array = new Uint8Array(ID_BYTES);

/** `before` is the digest of the entry in front of it. */
export function formatRedoEntry({ from, to, objects }: WrittenEntry, before: Uint8Array): Buffer {
  const frames = objects.flatMap(({ type, bytes }) => {
    const header = frameHeader(type, bytes.byteLength);
    return [lengthOf(header.byteLength + bytes.byteLength), header, bytes];
  });
  const body = Buffer.concat([idToBytes(from), to ? idToBytes(to) : NO_ID, ...frames]);
  return Buffer.concat([digestOf(before, body), lengthOf(body.byteLength), body]);
}

export function digestOfEntry(entry: Uint8Array): Uint8Array {
  return entry.subarray(0, DIGEST_BYTES);
}

/** All entries from the start of the bytes up to the first place where none stands whole. */
export function parseRedoEntries(bytes: Buffer): readonly WrittenEntry[] {
  const entries: WrittenEntry[] = [];
  let before = NO_ENTRY;
  for (let at = 0; at + REDO_HEADER_BYTES <= bytes.byteLength; ) {
    const start = at + REDO_HEADER_BYTES;
    const digest = bytes.subarray(at, at + DIGEST_BYTES);
    const end = start + bytes.readUInt32BE(at + DIGEST_BYTES);
    const body = bytes.subarray(start, end);
    if (end > bytes.byteLength || !digestOf(before, body).equals(digest)) break;
    entries.push(parseBody(body));
    before = digest;
    at = end;
  }
  return entries;
}

/** Joins what was written down without a signature with the signed commit behind it. */
export function joinSigned(all: readonly WrittenEntry[]): JoinedEntries {
  const entries: RedoEntry[] = [];
  let unsigned: UnsignedEntry | undefined;
  for (const entry of all) {
    if (entry.to === undefined) {
      unsigned = entry;
      continue;
    }
    const commit = entry.objects.at(-1);
    entries.push(unsigned && commit ? signedEntry(unsigned, { to: entry.to, commit }) : entry);
    unsigned = undefined;
  }
  return { entries, unsigned };
}

/** What was written down, with the signed commit in the place of the unsigned one. */
export function signedEntry({ from, objects }: Pick<Unsigned, 'from' | 'objects'>, { to, commit }: Signed): RedoEntry {
  return { from, to, objects: [...objects.slice(0, -1), commit] };
}

/** The digest has vouched for the body. */
function parseBody(body: Buffer): WrittenEntry {
  const objects: GitObject[] = [];
  for (let at = 2 * ID_BYTES; at < body.byteLength; ) {
    const end = at + LENGTH_BYTES + body.readUInt32BE(at);
    objects.push(parseFrame(body.subarray(at + LENGTH_BYTES, end)));
    at = end;
  }
  const hasId = NO_ID.some((_, place) => body[ID_BYTES + place] !== 0);
  const to = hasId ? asCommitId(idFromBytes(body, ID_BYTES)) : undefined;
  return { from: asCommitId(idFromBytes(body)), to, objects };
}

function digestOf(before: Uint8Array, body: Uint8Array): Buffer {
  return createHash('sha256').update(before).update(lengthOf(body.byteLength)).update(body).digest();
}

function lengthOf(length: number): Buffer {
  const bytes = Buffer.alloc(LENGTH_BYTES);
  bytes.writeUInt32BE(length);
  return bytes;
}
