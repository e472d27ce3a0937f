import { PROGRESS_EVERY_MS } from '../../limits.ts';
import type { Clock, Milliseconds } from '../../ports.ts';
import type { AnnouncedFile } from '../ports.ts';

type Sized = Pick<AnnouncedFile, 'totalSize'>;

/**
 * Thins out progress: at most one value in `PROGRESS_EVERY_MS`, each greater than the one before. That all bytes are here is
 * shown at once: what comes then, the verification, may take long.
 */
export interface Progress {
  report(bytes: number): void;
  /** Shows the last value that was reported, if it has not been shown. */
  finish(): void;
}

export function createProgress(clock: Clock, { totalSize }: Sized, show: (bytes: number) => void): Progress {
  let latest = -1;
  let shown = -1;
  let shownAt: Milliseconds = Number.NEGATIVE_INFINITY;

  function showLatest(): void {
    if (latest <= shown) return;
    shown = latest;
    shownAt = clock.now();
    show(shown);
  }

  return {
    report(bytes) {
      latest = Math.max(latest, bytes);
      if (latest === totalSize || clock.now() - shownAt >= PROGRESS_EVERY_MS) showLatest();
    },
    finish: showLatest,
  };
}
