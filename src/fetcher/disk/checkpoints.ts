import { createBell } from '../../bell.ts';
import type { PartialFile } from '../ports.ts';

export interface CheckpointsOptions {
  readonly partial: PartialFile;
  /** Bytes that survive a power failure. */
  onCheckpoint(bytes: number): void;
  onFailed(error: unknown): void;
}

/**
 * Flushes a partial file now and then while it goes on being written. One flush at a time: on a slow disk, checkpoints
 * are taken together.
 */
export interface Checkpoints {
  /** Due once so many bytes are written. */
  dueAt(bytes: number): void;
  /** Looks whether one is due. */
  onWritten(): void;
  /** Resolves when no flush is under way. */
  idle(): Promise<void>;
}

export function createCheckpoints({ partial, onCheckpoint, onFailed }: CheckpointsOptions): Checkpoints {
  const bell = createBell();
  let due: number | undefined;
  let isFlushing = false;

  async function flush(bytes: number): Promise<void> {
    await partial.flush();
    onCheckpoint(bytes);
  }

  function flushIfDue(): void {
    const written = partial.size();
    if (isFlushing || due === undefined || written < due) return;
    due = undefined;
    isFlushing = true;
    void flush(written)
      .catch(onFailed)
      .then(() => {
        isFlushing = false;
        bell.ring();
      });
  }

  return {
    dueAt(bytes) {
      due = bytes;
      flushIfDue();
    },
    onWritten: flushIfDue,
    idle: () => bell.until(() => !isFlushing),
  };
}
