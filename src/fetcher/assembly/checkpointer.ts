import { TRANSFER_CHECKPOINT_BYTES, TRANSFER_CHECKPOINT_MS } from '../../limits.ts';
import type { Clock, Milliseconds } from '../../ports.ts';
import type { PartialFile } from '../ports.ts';
import { type Ranges, sizeOf } from '../ranges.ts';

export interface CheckpointerOptions {
  readonly partial: PartialFile;
  readonly clock: Clock;
  /** The bytes that are right now. */
  checked(): Ranges;
  /** These bytes are flushed. */
  onCheckpoint(checked: Ranges): void;
  onFailed(error: unknown): void;
}

/** Sees to it that what was checked is known after a crash: flushed first, told then. One flush at a time. */
export interface Checkpointer {
  /**
   * Flushes while more arrives, if enough was checked since the last time, so that little is left to flush in the end. That
   * it is flushed is told now and then: telling costs more than flushing where bytes come fast.
   */
  look(): void;
  /** Flushes what is checked now, and tells. */
  flush(): Promise<void>;
  /** Settles what becomes of the partial file, and closes it. */
  close(options: { readonly discard: boolean; readonly isComplete: boolean }): Promise<void>;
}

export function createCheckpointer(options: CheckpointerOptions): Checkpointer {
  const { partial, clock, checked, onCheckpoint, onFailed } = options;
  let flushed = checked();
  let told = sizeOf(flushed);
  let toldAt: Milliseconds = Number.NEGATIVE_INFINITY;
  let running = Promise.resolve();
  let isRunning = false;

  async function flushOnce(): Promise<void> {
    const ranges = checked();
    if (sizeOf(ranges) === sizeOf(flushed)) return;
    await partial.flush();
    flushed = ranges;
  }

  function tell(): void {
    if (sizeOf(flushed) === told) return;
    told = sizeOf(flushed);
    toldAt = clock.now();
    onCheckpoint(flushed);
  }

  function tellIfDue(): void {
    const since = clock.now() - toldAt;
    // The clock may have been set back.
    if (since < 0 || since >= TRANSFER_CHECKPOINT_MS) tell();
  }

  function flush(): Promise<void> {
    isRunning = true;
    const done = running.then(flushOnce).finally(() => {
      isRunning = false;
    });
    running = done.catch(() => {});
    return done;
  }

  return {
    flush: () => flush().then(tell),
    look() {
      if (isRunning) return;
      if (sizeOf(checked()) - sizeOf(flushed) < TRANSFER_CHECKPOINT_BYTES) tellIfDue();
      else flush().then(tellIfDue).catch(onFailed);
    },
    async close({ discard, isComplete }) {
      await running;
      if (isComplete) return;
      // Bytes that were not checked are of no use to a resume, but would say that something is here.
      if (discard || sizeOf(checked()) === 0) {
        if (told > 0) onCheckpoint([]);
        await partial.discard();
      } else {
        await flush()
          .then(tell)
          .catch(() => {});
        await partial[Symbol.asyncDispose]();
      }
    },
  };
}
