import type { AccountUri, CommitId, DeviceId } from '../ids.ts';
import type { Decoded } from './decode.ts';

/**
 * What a commit says together with the facts of the commit itself. The unit that projections fold.
 * `Author` and `device` are those the commit claims; whether they hold is what admission checked.
 */
export interface Interaction {
  readonly id: CommitId;
  /** In git's order: for a merge, the merging device's own head first. */
  readonly parents: readonly CommitId[];
  /** The interaction just before this one in the linearized history; absent for the first. */
  readonly linearizedParent?: CommitId;
  /** Absent when the tree holds no certificate for the device. */
  readonly author?: AccountUri;
  readonly device: DeviceId;
  /** Seconds since the Unix epoch, as the committer states them. */
  readonly committedAt: number;
  readonly content: Decoded;
}
