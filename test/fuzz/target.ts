import type { Draw } from './draw.ts';

/** Something that reads what others wrote. */
export interface FuzzTarget {
  readonly name: string;
  /** An input that is nearly right. */
  draw(draw: Draw): Uint8Array;
  /** Reads it. What is wrong with it may end in a SyncError, in nothing else, and soon. */
  read(input: Uint8Array): unknown;
}
