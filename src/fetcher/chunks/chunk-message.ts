/** What the event loop and the chunk worker say to each other. */
import type { ChunkLayout } from './chunk-layout.ts';

export type ChunkCommand =
  /** Answered by `checked`. `hashes` are those of `chunks`, in their order. */
  | {
      readonly kind: 'check';
      readonly job: number;
      readonly path: string;
      readonly totalSize: number;
      /** Of one chunk, in bytes. */
      readonly size: number;
      readonly chunks: readonly number[];
      readonly hashes: Uint8Array;
    }
  /** Answered by `listed`. */
  | { readonly kind: 'list'; readonly job: number; readonly path: string; readonly size: number }
  /** Chunks of the file are going to come, until the job is dropped. */
  | { readonly kind: 'take-in'; readonly job: number; readonly path: string; readonly layout: ChunkLayout }
  /** Bytes of one chunk, with their memory. Answered by `written`. */
  | {
      readonly kind: 'write';
      readonly job: number;
      readonly position: number;
      readonly pieces: readonly Uint8Array<ArrayBuffer>[];
    };

export type ChunkReport =
  | { readonly kind: 'checked'; readonly job: number; readonly bad: readonly number[] }
  | { readonly kind: 'listed'; readonly job: number; readonly hashes: Uint8Array }
  /** One `write` was done, in their order. With the hash of the chunk that it ended, and the memory that came with it. */
  | {
      readonly kind: 'written';
      readonly job: number;
      readonly hash: Uint8Array | undefined;
      readonly memory: readonly ArrayBuffer[];
    };
