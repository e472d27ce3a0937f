/** What the event loop and a hashing worker say to each other about any job. `job` tells the ones under way apart. */
export interface HashDrop {
  readonly kind: 'drop';
  readonly job: number;
}

/** A file could not be read as far as asked. The job is over. */
export interface HashFailed {
  readonly kind: 'failed';
  readonly job: number;
  readonly path: string;
  readonly detail: string;
}
