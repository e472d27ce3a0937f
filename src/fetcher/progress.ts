import { PROGRESS_EVERY_MS } from '../limits.ts';
import type { Clock, Milliseconds } from '../ports.ts';

/** Thins out progress: at most one value in `PROGRESS_EVERY_MS`, each greater than the one before. */
export interface Progress {
  report(bytes: number): void;
  /** Shows the last value that was reported, if it has not been shown. */
  finish(): void;
}

export function createProgress(clock: Clock, show: (bytes: number) => void): Progress {
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
      if (clock.now() - shownAt >= PROGRESS_EVERY_MS) showLatest();
    },
    finish: showLatest,
  };
}
