/** What the event loop and the hashing worker say to each other. `stream` tells the hashes under way apart. */
import type { Digest } from '../../ids.ts';

export type DigestCommand =
  /** Takes in a file's first `length` bytes, or all of it. Answered by `failed` only. */
  | { readonly kind: 'take-file'; readonly stream: number; readonly path: string; readonly length?: number }
  /** `bytes` are transferred. Answered by `taken`. */
  | { readonly kind: 'take'; readonly stream: number; readonly bytes: Uint8Array<ArrayBuffer> }
  /** Answered by `digest`; the stream is gone after it. */
  | { readonly kind: 'finish'; readonly stream: number }
  /** Not answered; the stream is gone after it. */
  | { readonly kind: 'drop'; readonly stream: number };

export type DigestReport =
  /** The bytes are hashed; their buffer comes back to be filled again. */
  | { readonly kind: 'taken'; readonly stream: number; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'digest'; readonly stream: number; readonly digest: Digest }
  /** A file could not be read as far as asked. */
  | { readonly kind: 'failed'; readonly stream: number; readonly path: string; readonly detail: string };
