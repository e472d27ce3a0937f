import { SyncError } from '../../../errors.ts';
import { CommitId } from '../../../ids.ts';
import { TAG_DEPTH } from '../../../limits.ts';
import type { Objects } from '../repository.ts';

export interface PeeledTag {
  readonly commit: CommitId;
  /** The tag objects on the way to it; none when the id was the commit's own. */
  readonly tags: readonly CommitId[];
}

const OBJECT_LINE = /^object ([0-9a-f]{40})\n/;

/**
 * Follows an annotated tag, and tags of tags, to the commit. Undefined when it leads to something else. Throws
 * OBJECT_MISSING, OBJECT_CORRUPT.
 */
export async function peelTag(objects: Objects, start: CommitId): Promise<PeeledTag | undefined> {
  const tags: CommitId[] = [];
  for (let id = start; tags.length <= TAG_DEPTH; ) {
    const { type, bytes } = await objects.read(id);
    if (type === 'commit') return { commit: id, tags };
    const next = type === 'tag' ? OBJECT_LINE.exec(Buffer.from(bytes.subarray(0, 64)).toString('latin1')) : null;
    if (!next) return undefined;
    tags.push(id);
    id = CommitId.parse(next[1]);
  }
  return undefined;
}

/** As `peelTag`, for ids that must all lead to commits. Throws MALFORMED too. */
export async function peelAll(objects: Objects, ids: readonly CommitId[]): Promise<readonly PeeledTag[]> {
  const peeled: PeeledTag[] = [];
  for (const id of ids) {
    const found = await peelTag(objects, id);
    if (!found) throw new SyncError('MALFORMED', { what: 'git object', detail: `${id} leads to no commit` });
    peeled.push(found);
  }
  return peeled;
}
