import { createBell } from '../../bell.ts';
import type { Digest } from '../../ids.ts';
import { TRANSFER_PENDING_BYTES } from '../../limits.ts';
import type { Digester, PartialFile } from '../ports.ts';
import { createCheckpoints } from './checkpoints.ts';
import { createWriteLane } from './write-lane.ts';

export interface ReceiveSinkOptions {
  readonly partial: PartialFile;
  readonly digester: Digester;
  /** Bytes that survive a power failure. */
  onCheckpoint(bytes: number): void;
  /** Called once; nothing is written or hashed after it. */
  onFailed(error: unknown): void;
}

/**
 * Where the bytes of a file go that come one after the other: to the partial file, where the hash follows them.
 * Disposing it waits for the writes.
 */
export interface ReceiveSink extends AsyncDisposable {
  append(bytes: Uint8Array): void;
  /** Flushes once so many bytes are written, while more arrive. */
  checkpointAt(bytes: number): void;
  /**
   * Resolves when less than `TRANSFER_PENDING_BYTES` wait, or when nothing will be taken any more. Undefined when that
   * is so already.
   */
  room(): Promise<void> | undefined;
  /** Of the whole partial file, once all is written and flushed. A failure is reported to `onFailed` as well. */
  digest(): Promise<Digest>;
}

/** What lies in the partial file already is hashed first, while the rest arrives. */
export function openReceiveSink({ partial, digester, onCheckpoint, onFailed }: ReceiveSinkOptions): ReceiveSink {
  const hash = digester.follow(partial.path);
  const bell = createBell();
  let position = partial.size();
  let isOver = false;

  function fail(error: unknown): void {
    if (isOver) return;
    isOver = true;
    bell.ring();
    onFailed(error);
  }

  function onWritten(): void {
    hash.advance(partial.size());
    checkpoints.onWritten();
    bell.ring();
  }

  const writing = createWriteLane({ partial, onWritten, onFailed: fail });
  const checkpoints = createCheckpoints({ partial, onCheckpoint, onFailed: fail });
  const hasRoom = () => isOver || writing.pendingBytes() < TRANSFER_PENDING_BYTES;
  if (position > 0) hash.advance(position);

  async function written(): Promise<void> {
    await writing.idle();
    await checkpoints.idle();
  }

  return {
    append(bytes) {
      if (isOver) return;
      writing.add(position, [bytes]);
      position += bytes.length;
    },
    checkpointAt: checkpoints.dueAt,
    room: () => (hasRoom() ? undefined : bell.until(hasRoom)),
    async digest() {
      await written();
      const [result] = await Promise.all([hash.digest(), partial.flush()]);
      return result;
    },
    async [Symbol.asyncDispose]() {
      isOver = true;
      bell.ring();
      await hash[Symbol.asyncDispose]();
      await written();
    },
  };
}
