/**
 * Reads commits of the one form that is written (docs/format.md, "Commits").
 * One expression for all of it is done before `parseCommit`, which reads whatever else git takes, has its lines; and there is
 * little for the compiler to do, which counts in a thread that lives for a second.
 */
import type { CommitId, DeviceId, ObjectId } from '../../ids.ts';
import { COMMIT_HEADER_BYTES, COMMIT_MESSAGE_BYTES } from '../../limits.ts';
import type { Commit } from '../commit.ts';

/** Those with more are refused anyway, and left to whoever judges. */
export const SCREENED_PARENTS = 2;

/** As `parseCommit` says it of the same bytes. */
export interface PlainCommit extends Pick<Commit, 'tree' | 'parents' | 'message'> {
  readonly device: DeviceId;
  /** Since the Unix epoch; author and committer are one. */
  readonly seconds: number;
  readonly signature: Uint8Array;
  /** Where the line of the signature stands in the object, its line feed included. */
  readonly signatureLine: { readonly start: number; readonly end: number };
}

const HEADERS = new RegExp(
  [
    '^tree ([0-9a-f]{40})\n',
    '(?:parent ([0-9a-f]{40})\n)?(?:parent ([0-9a-f]{40})\n)?',
    // Of names with brackets or a lone carriage return, readers say different things.
    'author ([^<>\r\n]*<([0-9a-f]{64})> ([0-9]{1,15}) [+-][0-9]{4})\n',
    'committer \\4\n',
    'signature ([^\n]+)\n\n',
  ].join(''),
);
const SIGNATURE_LINE_BYTES = 'signature \n'.length;
/** Used again for each commit of up to so many bytes. */
const room = Buffer.alloc(16 * 1024);

/** Undefined for a commit of any other form, which says nothing of it, and for one with more than `SCREENED_PARENTS`. */
export function readPlainCommit(bytes: Uint8Array): PlainCommit | undefined {
  const object = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // latin1 keeps one character per byte, so that positions in the text are positions in the object.
  const found = HEADERS.exec(object.toString('latin1', 0, COMMIT_HEADER_BYTES + 2));
  if (!found || object.length - found[0].length > COMMIT_MESSAGE_BYTES) return undefined;
  const [headers, tree, parent, other, , device, seconds, base64 = ''] = found;
  const signature = Buffer.from(base64, 'base64');
  // Only canonical base64 counts. An expression that says so takes longer than writing it again.
  if (signature.toString('base64') !== base64) return undefined;
  const end = headers.length - 1;
  return {
    tree: tree as ObjectId,
    parents: [parent, other].filter((id) => id !== undefined) as string[] as CommitId[],
    device: device as DeviceId,
    seconds: Number(seconds),
    signature,
    signatureLine: { start: end - base64.length - SIGNATURE_LINE_BYTES, end },
    message: object.toString('utf8', headers.length),
  };
}

/** What the signature is over: the commit without its line. In memory that is used again for the next one. */
export function signedBytesOf(bytes: Uint8Array, { signatureLine: { start, end } }: PlainCommit): Uint8Array {
  const length = bytes.byteLength - (end - start);
  const rest = length > room.byteLength ? Buffer.allocUnsafe(length) : room.subarray(0, length);
  rest.set(bytes.subarray(0, start));
  rest.set(bytes.subarray(end), start);
  return rest;
}
