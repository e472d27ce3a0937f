/** One thing that a device does on its disk, and what has to hold however it is stopped. */
export interface DiskOperation {
  /** Makes `directory` as it is before. */
  prepare(directory: string): void | Promise<void>;
  run(directory: string, stage: OperationStage): Promise<void>;
  /** A folder in it, of a database whose native code writes by itself. */
  readonly unseen?: string;
  /** It ends well on a full disk too: all that it writes is a copy. */
  readonly needsNoRoom?: true;
  /** Starts again on what is left; throws what is wrong with it. */
  check(directory: string, promised: readonly string[]): Promise<void>;
}

export interface OperationStage {
  /** From here on this must not be lost. */
  promise(what: string): void;
  /** The part in which the disk may fail. When it does, the disk is mended, and the work is done again. */
  attempt<Result>(work: () => Promise<Result>): Promise<Result>;
}

/** A disk that never fails. */
export const attemptOnce: OperationStage['attempt'] = (work) => work();
