import { createBell } from '../../bell.ts';
import type { Range, Ranges } from '../ranges.ts';

export interface ReadersOptions {
  /** Bytes that are right. */
  checked(): Ranges;
  /** The file is complete, or has failed. */
  readonly over: AbortSignal;
  /** Bytes that somebody waits for have changed: the latest reader's come first. */
  onWanted(bytes: Ranges): void;
  /** Somebody has come or gone. */
  onReaders(): void;
}

/** Those who read a file while it is put together. What they wait for is fetched first. */
export interface Readers {
  /** Resolves with how far the file is right from `start` on, once that is further than `start`; with `start` when it is over. */
  until(range: Range, signal: AbortSignal): Promise<number>;
  /** Counts as a reader of the range until it is disposed, also while it waits for nothing. */
  enter(range: Range): Disposable;
  /** Whether a reader's range is not all right yet. */
  areLacking(): boolean;
  /** More bytes are right, or it is over. */
  look(): void;
}

export function createReaders({ checked, over, onWanted, onReaders }: ReadersOptions): Readers {
  const bell = createBell();
  over.addEventListener('abort', bell.ring);
  const waiting = new Set<Range>();
  const present = new Set<Range>();
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
    enter([start, end]) {
      const range: Range = [start, end];
      present.add(range);
      onReaders();
      return {
        [Symbol.dispose]() {
          present.delete(range);
          onReaders();
        },
      };
    },
    areLacking: () => [...present].some((range) => rightUntil(range) < range[1]),
    look: bell.ring,
  };
}
