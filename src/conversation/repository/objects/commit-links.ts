import { SyncError } from '../../../errors.ts';
import type { CommitId, ObjectId } from '../../../ids.ts';
import { COMMIT_HEADER_BYTES, COMMIT_PARENTS } from '../../../limits.ts';

/** What a walk needs of a commit: where it leads and how old it says it is. */
export interface CommitLinks {
  readonly tree: ObjectId;
  readonly parents: readonly CommitId[];
  /** Seconds since the Unix epoch, as the committer wrote it. A hint for the order of a walk, never for what is true. */
  readonly committedAt: number;
}

const TREE_LINE = /^tree ([0-9a-f]{40})$/;
const PARENT_LINE = /^parent ([0-9a-f]{40})$/;
const COMMITTER_LINE = /^committer .*> (\d{1,15}) [+-]\d{4}$/;

/** Reads the links of a commit object without decoding the rest. Throws MALFORMED, LIMIT_EXCEEDED. */
export function commitLinks(commit: Uint8Array): CommitLinks {
  const text = Buffer.from(commit.buffer, commit.byteOffset, commit.byteLength);
  const blankLine = text.indexOf('\n\n');
  const end = blankLine < 0 ? text.byteLength : blankLine;
  if (end > COMMIT_HEADER_BYTES) {
    throw new SyncError('LIMIT_EXCEEDED', { what: 'Headers of a commit', limit: COMMIT_HEADER_BYTES, actual: end });
  }
  const lines = text.toString('latin1', 0, end).split('\n');
  const tree = TREE_LINE.exec(lines[0] ?? '')?.[1];
  if (tree === undefined) throw new SyncError('MALFORMED', { what: 'commit', detail: 'it names no tree' });
  const firstOther = lines.findIndex((line, index) => index > 0 && !PARENT_LINE.test(line));
  const parents = lines
    .slice(1, firstOther < 0 ? lines.length : firstOther)
    .map((line) => line.slice('parent '.length));
  if (parents.length > COMMIT_PARENTS) {
    throw new SyncError('LIMIT_EXCEEDED', {
      what: 'Parents of a commit',
      limit: COMMIT_PARENTS,
      actual: parents.length,
    });
  }
  return {
    // Their lines say that they are ids.
    tree: tree as ObjectId,
    parents: parents as string[] as CommitId[],
    committedAt: Number(lines.map((line) => COMMITTER_LINE.exec(line)?.[1]).find((time) => time !== undefined) ?? 0),
  };
}
