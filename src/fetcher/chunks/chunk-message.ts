/** What the event loop and the chunk worker say to each other. */
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
  | { readonly kind: 'list'; readonly job: number; readonly path: string; readonly size: number };

export type ChunkReport =
  | { readonly kind: 'checked'; readonly job: number; readonly bad: readonly number[] }
  | { readonly kind: 'listed'; readonly job: number; readonly hashes: Uint8Array };
