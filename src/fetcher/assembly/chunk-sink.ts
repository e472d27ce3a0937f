import { createBell } from '../../bell.ts';
import type { Digest } from '../../ids.ts';
import { TRANSFER_PENDING_BYTES } from '../../limits.ts';
import type { ChunkChecker, Digester, FollowingDigest, PartialFile } from '../ports.ts';
import { createChunkLane } from './chunk-lane.ts';
import { countOf } from './chunk-layout.ts';
import { type ChunkedFile, layoutOf } from './chunked-file.ts';

export interface ChunkSinkOptions {
  readonly file: ChunkedFile;
  readonly partial: PartialFile;
  readonly digester: Digester;
  readonly checker: ChunkChecker;
  readonly signal: AbortSignal;
  /** Of all chunks, when they are known already. */
  readonly hashes: Uint8Array | undefined;
  onChecked(chunks: readonly number[], bad: readonly number[]): void;
  /** Called once; nothing is written, checked or hashed after it. */
  onFailed(error: unknown): void;
}

/**
 * Where the chunks of a file go: to the partial file, from there to the checker as soon as they are whole, and, in their
 * order, through the hash of the whole file. Neither holds up the writing. Disposing it waits for the writes.
 */
export interface ChunkSink extends AsyncDisposable {
  write(position: number, bytes: Uint8Array): void;
  /** All bytes of the chunk were given: check it once they are written, and once the hashes are known. */
  check(chunk: number): void;
  /** The hashes of all chunks, as announced. */
  setHashes(hashes: Uint8Array): void;
  /** The file is right up to here. */
  advance(to: number): void;
  /** Resolves when less than `TRANSFER_PENDING_BYTES` wait to be written, or when nothing will be taken any more. */
  room(): Promise<void>;
  isFull(): boolean;
  /** Of the whole file, up to the last `advance`. */
  digest(): Promise<Digest>;
  /**
   * Reads all of it again: the numbers of the chunks that are wrong. All of them when the hashes are not known, as after a
   * restart, when nobody had to be asked. Hashing starts over.
   */
  recheck(): Promise<readonly number[]>;
}

export function openChunkSink(options: ChunkSinkOptions): ChunkSink {
  const { file, partial, digester, checker, signal } = options;
  const layout = layoutOf(file);
  const { totalSize, size } = layout;
  const bell = createBell();
  let hash: FollowingDigest = digester.follow(partial.path);
  let { hashes } = options;
  let written: number[] = [];
  let isChecking = false;
  let isOver = false;

  function fail(error: unknown): void {
    if (isOver) return;
    isOver = true;
    bell.ring();
    options.onFailed(error);
  }

  const writing = createChunkLane(layout, { partial, onWritten: bell.ring, onFailed: fail });
  const badOnes = (list: Uint8Array, chunks: readonly number[]) =>
    checker.badChunks(partial.path, { totalSize, size, hashes: list, chunks }, { signal });

  /** Chunks that become whole meanwhile are checked together afterwards. */
  async function checkWritten(): Promise<void> {
    if (isChecking || isOver || !hashes || written.length === 0) return;
    isChecking = true;
    try {
      const chunks = written;
      written = [];
      const bad = await badOnes(hashes, chunks);
      isChecking = false;
      if (!isOver) options.onChecked(chunks, bad);
      await checkWritten();
    } catch (error) {
      fail(error);
    }
  }

  const isFull = () => writing.pendingBytes() >= TRANSFER_PENDING_BYTES;
  return {
    write: writing.write,
    check: (chunk) =>
      writing.whenWritten(chunk, () => {
        written.push(chunk);
        void checkWritten();
      }),
    setHashes(list) {
      hashes ??= list;
      void checkWritten();
    },
    advance: (to) => hash.advance(to),
    room: () => bell.until(() => isOver || !isFull()),
    isFull,
    digest: () => hash.digest(),
    async recheck() {
      await hash[Symbol.asyncDispose]();
      signal.throwIfAborted();
      hash = digester.follow(partial.path);
      const all = Array.from({ length: countOf(layout) }, (_, chunk) => chunk);
      return hashes ? await badOnes(hashes, all) : all;
    },
    async [Symbol.asyncDispose]() {
      isOver = true;
      bell.ring();
      await hash[Symbol.asyncDispose]();
      await writing.idle();
    },
  };
}
