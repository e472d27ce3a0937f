/**
 * Reads commits of the one form that is written (format reference §2.3: tree, parents, author, committer who is the same, signature), byte by byte.
 * A long history is read three times as fast as by `parseCommit`, which also reads whatever else git takes.
 */

import { asCommitId } from '../../id-bytes.ts';
import type { CommitId, DeviceId, ObjectId } from '../../ids.ts';
import { COMMIT_HEADER_BYTES, COMMIT_MESSAGE_BYTES } from '../../limits.ts';
import type { Commit } from '../commit.ts';

/** Those with more are refused anyway, and left to whoever judges. */
export const SCREENED_PARENTS = 2;

/** As `parseCommit` says it of the same bytes. */
export interface PlainCommit extends Pick<Commit, 'tree' | 'parents' | 'signedBytes' | 'message'> {
  readonly device: DeviceId;
  /** Since the Unix epoch; author and committer are one. */
  readonly seconds: number;
  readonly signature: Uint8Array;
}

/** Undefined for a commit of any other form, which says nothing of it, and for one with more than `SCREENED_PARENTS`. */
export function readPlainCommit(bytes: Uint8Array): PlainCommit | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const links = readLinks(text);
  const signatory = links && readSignatory(text, links.next);
  const signed = signatory && readSignature(text, signatory.next);
  if (!signed || signed.end > COMMIT_HEADER_BYTES || text.length - signed.next > COMMIT_MESSAGE_BYTES) return undefined;
  const { tree, parents } = links;
  const { device, seconds } = signatory;
  const { signature, signedBytes } = signed;
  return { tree, parents, device, seconds, signature, signedBytes, message: text.toString('utf8', signed.next) };
}

const TREE = Buffer.from('tree ');
const PARENT = Buffer.from('parent ');
const AUTHOR = Buffer.from('author ');
const COMMITTER = Buffer.from('committer ');
const SIGNATURE = Buffer.from('signature ');
const ID_DIGITS = 40;
const DEVICE_DIGITS = 64;
const TIME_DIGITS = 15;
const OFFSET_DIGITS = 4;

/** ASCII. */
const LINE_END = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const PLUS = 0x2b;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const OPENING = 0x3c;
const CLOSING = 0x3e;
const LETTER_A = 0x61;
const LETTER_F = 0x66;

function readLinks(text: Buffer): { tree: ObjectId; parents: readonly CommitId[]; next: number } | undefined {
  const tree = idLineAt(text, TREE, 0);
  if (tree === undefined) return undefined;
  const parents: CommitId[] = [];
  let next = TREE.length + ID_DIGITS + 1;
  while (startsWith(text, PARENT, next)) {
    const parent = idLineAt(text, PARENT, next);
    if (parent === undefined || parents.length === SCREENED_PARENTS) return undefined;
    parents.push(asCommitId(parent));
    next += PARENT.length + ID_DIGITS + 1;
  }
  return { tree, parents, next };
}

function idLineAt(text: Buffer, name: Buffer, at: number): ObjectId | undefined {
  const start = at + name.length;
  const end = start + ID_DIGITS;
  const isLine = startsWith(text, name, at) && isHex(text, start, end) && text[end] === LINE_END;
  return isLine ? (text.toString('latin1', start, end) as ObjectId) : undefined;
}

/** The lines of author and committer, who are the same. */
function readSignatory(text: Buffer, at: number): { device: DeviceId; seconds: number; next: number } | undefined {
  const start = at + AUTHOR.length;
  const opening = text.indexOf(OPENING, start);
  const end = opening + 1 + DEVICE_DIGITS;
  const isNamed = startsWith(text, AUTHOR, at) && opening >= 0 && isPlainName(text, start, opening);
  if (!isNamed || !isHex(text, opening + 1, end) || text[end] !== CLOSING || text[end + 1] !== SPACE) return undefined;
  const time = readTime(text, end + 2);
  if (!time) return undefined;
  const next = time.next + COMMITTER.length + time.next - start;
  const isOne =
    startsWith(text, COMMITTER, time.next) &&
    text.compare(text, start, time.next, time.next + COMMITTER.length, Math.min(next, text.length)) === 0;
  return isOne
    ? { device: text.toString('latin1', opening + 1, end) as DeviceId, seconds: time.seconds, next }
    : undefined;
}

/** Of names with brackets or a lone carriage return, readers say different things. */
function isPlainName(text: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    const byte = text[at];
    if (byte === CLOSING || byte === LINE_END || byte === RETURN) return false;
  }
  return true;
}

/** `<seconds> <offset>` and the end of the line. */
function readTime(text: Buffer, start: number): { seconds: number; next: number } | undefined {
  let at = start;
  let seconds = 0;
  for (; isDigit(text[at]) && at - start < TIME_DIGITS; at += 1) seconds = seconds * 10 + (text[at] ?? 0) - ZERO;
  const sign = text[at + 1];
  const isTime = at > start && text[at] === SPACE && (sign === PLUS || sign === MINUS);
  const end = at + 2 + OFFSET_DIGITS;
  for (at += 2; at < end; at += 1) if (!isDigit(text[at])) return undefined;
  return isTime && text[end] === LINE_END ? { seconds, next: end + 1 } : undefined;
}

/** The last of the headers, in canonical base64, and the blank line. `next` is where the message begins. */
function readSignature(
  text: Buffer,
  at: number,
): (Pick<PlainCommit, 'signature' | 'signedBytes'> & { end: number; next: number }) | undefined {
  if (!startsWith(text, SIGNATURE, at)) return undefined;
  const end = text.indexOf(LINE_END, at);
  if (end < 0 || text[end + 1] !== LINE_END) return undefined;
  const base64 = text.toString('latin1', at + SIGNATURE.length, end);
  const signature = Buffer.from(base64, 'base64');
  if (base64 === '' || signature.toString('base64') !== base64) return undefined;
  const signedBytes = Buffer.allocUnsafe(text.length - (end + 1 - at));
  text.copy(signedBytes, 0, 0, at);
  text.copy(signedBytes, at, end + 1);
  return { signature, signedBytes, end, next: end + 2 };
}

function startsWith(text: Buffer, word: Buffer, at: number): boolean {
  for (let place = 0; place < word.length; place += 1) if (text[at + place] !== word[place]) return false;
  return true;
}

function isHex(text: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    const byte = text[at] ?? 0;
    if (!isDigit(byte) && (byte < LETTER_A || byte > LETTER_F)) return false;
  }
  return true;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}
