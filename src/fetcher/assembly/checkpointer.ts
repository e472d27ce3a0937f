import { TRANSFER_CHECKPOINT_BYTES } from '../../limits.ts';
import type { PartialFile } from '../ports.ts';
import { type Ranges, sizeOf } from '../ranges.ts';

export interface CheckpointerOptions {
  readonly partial: PartialFile;
  /** The bytes that are right now. */
  checked(): Ranges;
  /** These bytes are flushed. */
  onCheckpoint(checked: Ranges): void;
  onFailed(error: unknown): void;
}

/** Sees to it that what was checked is known after a crash: flushed first, told then. One flush at a time. */
export interface Checkpointer {
  /** Flushes while more arrives, if enough was checked since the last time. */
  look(): void;
  /** Flushes what is checked now. */
  flush(): Promise<void>;
  /** Settles what becomes of the partial file, and closes it. */
  close(options: { readonly discard: boolean; readonly isComplete: boolean }): Promise<void>;
}

export function createCheckpointer({ partial, checked, onCheckpoint, onFailed }: CheckpointerOptions): Checkpointer {
  let told = sizeOf(checked());
  let running = Promise.resolve();
  let isRunning = false;

  async function flushOnce(): Promise<void> {
    const ranges = checked();
    if (sizeOf(ranges) === told) return;
    await partial.flush();
    told = sizeOf(ranges);
    onCheckpoint(ranges);
  }

  function flush(): Promise<void> {
    isRunning = true;
    const flushed = running.then(flushOnce).finally(() => {
      isRunning = false;
    });
    running = flushed.catch(() => {});
    return flushed;
  }

  return {
    flush,
    look() {
      if (!isRunning && sizeOf(checked()) - told >= TRANSFER_CHECKPOINT_BYTES) flush().catch(onFailed);
    },
    async close({ discard, isComplete }) {
      await running;
      if (isComplete) return;
      // Bytes that were not checked are of no use to a resume, but would say that something is here.
      if (discard || sizeOf(checked()) === 0) {
        if (told > 0) onCheckpoint([]);
        await partial.discard();
      } else {
        await flush().catch(() => {});
        await partial[Symbol.asyncDispose]();
      }
    },
  };
}
