import type { Draw } from './draw.ts';

/** Something that reads what others wrote. */
export interface FuzzTarget {
  readonly name: string;
  /** An input that is nearly right. */
  draw(draw: Draw): Uint8Array;
  /** It waits for the disk, or for other threads: a case takes as long as many of the others. */
  readonly waits?: true;
  /** Reads it. What is wrong with it may end in a SyncError, in nothing else, and soon. */
  read(input: Uint8Array): unknown;
}
