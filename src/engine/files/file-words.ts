import type { CommitId } from '../../ids.ts';

/**
 * What a user says about one file. Each word is journalled, holds over restarts until another one is said, and is carried
 * out at once; saying it twice changes nothing. All throw INTERACTION_UNKNOWN; REFUSED when the file was taken back
 * (`accept`, `resume`, `retry`), or is here already (`refuse`).
 */
export interface FileWords {
  /** Fetches it whatever the policy says, and ends a refusal, a cancel, a pause, or the wait between two tries. */
  accept(interaction: CommitId): void;
  /** Does not want it; whoever offered it is told. */
  refuse(interaction: CommitId): void;
  /** Stops getting and giving it, and throws away what is here of it unverified. A complete file stays. */
  cancel(interaction: CommitId): void;
  /** Halts it in both directions, and keeps what is here. */
  pause(interaction: CommitId): void;
  /** As `accept`. */
  resume(interaction: CommitId): void;
  /** As `accept`. */
  retry(interaction: CommitId): void;
}
