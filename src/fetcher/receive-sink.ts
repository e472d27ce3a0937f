import { createBell } from '../bell.ts';
import type { Digest } from '../ids.ts';
import { TRANSFER_BATCH_BYTES, TRANSFER_PENDING_BYTES } from '../limits.ts';
import { createByteLane } from './byte-lane.ts';
import { createCheckpoints } from './checkpoints.ts';
import type { Digester, PartialFile } from './ports.ts';

export interface ReceiveSinkOptions {
  readonly partial: PartialFile;
  readonly digester: Digester;
  /** Bytes that survive a power failure. */
  onCheckpoint(bytes: number): void;
  /** Called once; nothing is written or hashed after it. */
  onFailed(error: unknown): void;
}

/** Where received bytes go: to the partial file and, at the same time, through the hash. Disposing it waits for the writes. */
export interface ReceiveSink extends AsyncDisposable {
  append(bytes: Uint8Array): void;
  /** Flushes once so many bytes are written, while more arrive. */
  checkpointAt(bytes: number): void;
  /** Resolves when less than `TRANSFER_PENDING_BYTES` wait, or when nothing will be taken any more. */
  room(): Promise<void>;
  /** Of the whole partial file, once all is written and flushed. A failure is reported to `onFailed` as well. */
  digest(): Promise<Digest>;
}

/** What lies in the partial file already is hashed first, by the worker, while the rest arrives. */
export function openReceiveSink({ partial, digester, onCheckpoint, onFailed }: ReceiveSinkOptions): ReceiveSink {
  const start = partial.size();
  const hash = digester.open(start > 0 ? { path: partial.path, length: start } : undefined);
  const bell = createBell();
  let isOver = false;

  function fail(error: unknown): void {
    if (isOver) return;
    isOver = true;
    bell.ring();
    onFailed(error);
  }

  async function hashAll(batch: readonly Uint8Array[]): Promise<void> {
    for (const bytes of batch) await hash.update(bytes);
  }

  function onWritten(): void {
    checkpoints.onWritten();
    bell.ring();
  }

  const lane = { batchBytes: TRANSFER_BATCH_BYTES, onFailed: fail };
  const writing = createByteLane({ ...lane, work: (batch) => partial.append(batch), onDone: onWritten });
  const hashing = createByteLane({ ...lane, work: hashAll, onDone: bell.ring });
  const checkpoints = createCheckpoints({ partial, onCheckpoint, onFailed: fail });

  async function written(): Promise<void> {
    await writing.idle();
    await checkpoints.idle();
  }

  return {
    append(bytes) {
      if (isOver) return;
      writing.add(bytes);
      hashing.add(bytes);
    },
    checkpointAt: checkpoints.dueAt,
    room: () =>
      bell.until(() => isOver || Math.max(writing.pendingBytes(), hashing.pendingBytes()) < TRANSFER_PENDING_BYTES),
    async digest() {
      const flushed = written().then(() => partial.flush());
      const digest = hashing.idle().then(() => hash.digest());
      const [result] = await Promise.all([digest, flushed]);
      return result;
    },
    async [Symbol.asyncDispose]() {
      isOver = true;
      bell.ring();
      await hash[Symbol.asyncDispose]();
      await Promise.all([written(), hashing.idle()]);
    },
  };
}
