/** What the event loop and the SHA3-512 worker say to each other. */
import type { Digest } from '../../ids.ts';

export type Sha3Command =
  /** Takes in a whole file. Answered by `identified`. */
  | ({ readonly kind: 'identify'; readonly job: number; readonly path: string } & IdentifyWishes)
  /** Takes in a file as far as `advance` says; before all that other threads do, where that can be had. */
  | { readonly kind: 'follow'; readonly job: number; readonly path: string; readonly goesFirst: boolean }
  | { readonly kind: 'advance'; readonly job: number; readonly to: number }
  /** No `advance` comes any more. Answered by `identified`. */
  | { readonly kind: 'finish'; readonly job: number };

export interface IdentifyWishes {
  /** In bytes: the chunks' hashes are wanted, too. */
  readonly chunkSize?: number;
  /** How far the hash has come is to be told, after each block. */
  readonly tellsHashed?: true;
}

export type Sha3Report =
  /** The job is over. */
  | { readonly kind: 'identified'; readonly job: number; readonly digest: Digest; readonly hashes?: Uint8Array }
  /** So far has the hash of a file come. */
  | { readonly kind: 'hashed'; readonly job: number; readonly to: number };
