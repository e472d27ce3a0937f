/**
 * Reads commits of the one form that is written (format reference §2.3: tree, parents, author, committer who is the same, signature).
 * One expression for all of it is done before `parseCommit`, which reads whatever else git takes, has its lines; and there is
 * little for the compiler to do, which counts in a thread that lives for a second.
 */

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

/** Undefined for a commit of any other form, which says nothing of it, and for one with more than `SCREENED_PARENTS`. */
export function readPlainCommit(bytes: Uint8Array): PlainCommit | undefined {
  const object = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // latin1 keeps one character per byte, so that positions in the text are positions in the object.
  const found = HEADERS.exec(object.toString('latin1', 0, COMMIT_HEADER_BYTES + 2));
  if (!found || object.length - found[0].length > COMMIT_MESSAGE_BYTES) return undefined;
  const [headers, tree, parent, other, , device, seconds, base64 = ''] = found;
  const signature = Buffer.from(base64, 'base64');
  // Only canonical base64 counts.
  if (signature.toString('base64') !== base64) return undefined;
  return {
    tree: tree as ObjectId,
    parents: [parent, other].filter((id) => id !== undefined) as string[] as CommitId[],
    device: device as DeviceId,
    seconds: Number(seconds),
    signature,
    signedBytes: without(object, headers.length - 1 - base64.length - SIGNATURE_LINE_BYTES, headers.length - 1),
    message: object.toString('utf8', headers.length),
  };
}

/** The object without the bytes from `start` up to `end`. */
function without(object: Buffer, start: number, end: number): Buffer {
  const rest = Buffer.allocUnsafe(object.length - (end - start));
  object.copy(rest, 0, 0, start);
  object.copy(rest, start, end);
  return rest;
}
