import type { CommitId } from '../../ids.ts';

/** What ordering and ancestry need to know of a commit. */
export interface CommitNode {
  readonly id: CommitId;
  readonly parents: readonly CommitId[];
  /** Seconds since the Unix epoch, as the committer states them. */
  readonly committedAt: number;
}
