import { createBell } from '../../bell.ts';
import type { Ranges } from '../ranges.ts';
import type { Range } from '../transfer/transfer-frame.ts';

export interface ReadersOptions {
  /** Bytes that are right. */
  checked(): Ranges;
  /** The file is complete, or has failed. */
  readonly over: AbortSignal;
  /** Bytes that somebody waits for have changed: the latest reader's come first. */
  onWanted(bytes: Ranges): void;
}

/** Those who read a file while it is put together. What they wait for is fetched first. */
export interface Readers {
  /** Resolves with how far the file is right from `start` on, once that is further than `start`; with `start` when it is over. */
  until(range: Range, signal: AbortSignal): Promise<number>;
  /** More bytes are right, or it is over. */
  look(): void;
}

export function createReaders({ checked, over, onWanted }: ReadersOptions): Readers {
  const bell = createBell();
  over.addEventListener('abort', bell.ring);
  const waiting = new Set<Range>();
  const tell = () => onWanted([...waiting].reverse());
  const rightUntil = ([start, end]: Range) =>
    Math.min(end, checked().find(([first, last]) => first <= start && start < last)?.[1] ?? start);

  return {
    async until(range, signal) {
      if (rightUntil(range) > range[0]) return rightUntil(range);
      waiting.add(range);
      tell();
      try {
        await bell.until(() => over.aborted || rightUntil(range) > range[0], signal);
        return rightUntil(range);
      } finally {
        waiting.delete(range);
        tell();
      }
    },
    look: bell.ring,
  };
}
