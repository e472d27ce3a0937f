import { createBell } from '../../bell.ts';
import type { Digest } from '../../ids.ts';
import { TRANSFER_PENDING_BYTES } from '../../limits.ts';
import { countOf } from '../chunks/chunk-layout.ts';
import { chunkHash } from '../chunks/chunk-list.ts';
import type { ChunkChecker, Digester, PartialFile } from '../ports.ts';
import { createChunkLane } from './chunk-lane.ts';
import { type ChunkedFile, layoutOf } from './chunked-file.ts';
import { openWholeHash } from './whole-hash.ts';

export interface ChunkSinkOptions {
  readonly file: ChunkedFile;
  readonly partial: PartialFile;
  readonly digester: Digester;
  readonly checker: ChunkChecker;
  readonly signal: AbortSignal;
  /** Of all chunks, when they are known already. */
  readonly hashes: Uint8Array | undefined;
  onChecked(chunks: readonly number[], bad: readonly number[]): void;
  /** Called once; nothing more is taken, checked or hashed after it. */
  onFailed(error: unknown): void;
}

/**
 * Where the chunks of a file go: to the partial file, hashed on their way, and from there, in their order, through the hash
 * of the whole file, which holds up bytes only as `hash-turn.ts` says. Disposing it waits for the writes.
 */
export interface ChunkSink extends AsyncDisposable {
  write(position: number, bytes: Uint8Array): void;
  /** All bytes of the chunk were given: it is checked once they are written, and once the hashes are known. */
  finish(chunk: number): void;
  /** The hashes of all chunks, as announced. */
  setHashes(hashes: Uint8Array): void;
  /** The file is right up to here. */
  advance(to: number): void;
  /** Whether somebody reads what is still coming: then it comes first, and is hashed later. */
  readAlong(isReadAlong: boolean): void;
  /** Every `TRANSFER_TICK_MS`. */
  tick(): void;
  /**
   * Resolves when less than `TRANSFER_PENDING_BYTES` wait to be written and the hash of the whole is not too far behind, or
   * when nothing will be taken any more.
   */
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
  const bell = createBell();
  const intake = checker.takeIn(partial.path, layout);
  /** The hashes that chunks turned out to have, as long as nobody knows which ones they should have. */
  const found = new Map<number, Uint8Array>();
  const startHash = () => openWholeHash({ digester, path: partial.path, onHashed: bell.ring });
  let hash = startHash();
  let { hashes } = options;
  let isOver = false;

  function fail(error: unknown): void {
    if (isOver) return;
    isOver = true;
    bell.ring();
    options.onFailed(error);
  }

  function judge(): void {
    if (isOver || !hashes || found.size === 0) return;
    const list = hashes;
    const chunks = [...found.keys()];
    const bad = chunks.filter((chunk) => Buffer.compare(found.get(chunk) ?? NONE, chunkHash(list, chunk)) !== 0);
    found.clear();
    options.onChecked(chunks, bad);
  }

  const lane = createChunkLane({
    ...{ layout, intake, onFailed: fail },
    onWritten(whole) {
      bell.ring();
      if (whole) found.set(whole.chunk, whole.hash);
      judge();
    },
  });
  const isFull = () => lane.pendingBytes() >= TRANSFER_PENDING_BYTES || hash.isBehind(lane.pendingBytes());

  return {
    write: lane.write,
    finish: lane.finish,
    setHashes(list) {
      hashes ??= list;
      judge();
    },
    advance: (to) => hash.advance(to),
    readAlong(isReadAlong) {
      hash.readAlong(isReadAlong);
      bell.ring();
    },
    tick: () => hash.tick(),
    room: () => bell.until(() => isOver || !isFull()),
    isFull,
    digest: () => hash.digest(),
    async recheck() {
      await hash[Symbol.asyncDispose]();
      signal.throwIfAborted();
      hash = startHash();
      const all = Array.from({ length: countOf(layout) }, (_, chunk) => chunk);
      if (!hashes) return all;
      return await checker.badChunks(partial.path, { ...layout, hashes, chunks: all }, { signal });
    },
    async [Symbol.asyncDispose]() {
      isOver = true;
      bell.ring();
      await hash[Symbol.asyncDispose]();
      await lane.idle();
      await intake[Symbol.asyncDispose]();
    },
  };
}

const NONE = new Uint8Array(0);
