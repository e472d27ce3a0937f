/** What the event loop and the thread for small files say to each other. Bytes of many files travel as one array. */
import type { FileStamp, FileToPlace, Placement, Standing } from '../ports.ts';

export type BatchDiskCommand =
  /** Answered by `looked`. */
  | { readonly kind: 'look'; readonly job: number; readonly path: string; readonly paths: readonly string[] }
  /** Answered by `read`. */
  | { readonly kind: 'read'; readonly job: number; readonly path: string; readonly paths: readonly string[] }
  /** Answered by `placed`. The files' bytes follow each other in `bytes`. */
  | {
      readonly kind: 'place';
      readonly job: number;
      readonly path: string;
      readonly files: readonly (Pick<FileToPlace, 'path' | 'digest'> & { readonly length: number })[];
      readonly bytes: Uint8Array;
    };

export type BatchDiskReport =
  | { readonly kind: 'looked'; readonly job: number; readonly standings: readonly Standing[] }
  /** The files' bytes follow each other in `bytes`, as long as their stamps say. */
  | {
      readonly kind: 'read';
      readonly job: number;
      readonly stamps: readonly (FileStamp | undefined)[];
      readonly bytes: Uint8Array;
    }
  | { readonly kind: 'placed'; readonly job: number; readonly placements: readonly Placement[] };

/** Takes one array apart again. The pieces are views into it. */
export function cutBytes(bytes: Uint8Array, lengths: readonly number[]): readonly Uint8Array[] {
  let end = 0;
  return lengths.map((length) => {
    end += length;
    return bytes.subarray(end - length, end);
  });
}
