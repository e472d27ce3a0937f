import type { Figures } from './simulate.ts';

/** What many simulations came to. Times are virtual milliseconds. */
export function summaryOf(figures: readonly Figures[]): object {
  const diverged = figures.filter(({ headsThen }) => headsThen > 1);
  return {
    commits: sum(figures, ({ commits }) => commits),
    merges: sum(figures, ({ merges }) => merges),
    idleMerges: sum(figures, ({ idle }) => idle),
    idleMergesAtMost: distribution(figures.map(({ idle }) => idle)),
    mergesPerCommit: distribution(figures.map(({ merges, commits }) => merges / commits)),
    profileConflicts: sum(figures, ({ profileConflicts }) => profileConflicts),
    pulls: sum(figures, ({ pulls }) => pulls),
    diverged: diverged.length,
    /** Merges for each head too many: 1 is the least there can be. */
    mergesPerExtraHead: distribution(diverged.map(({ headsThen, mergesAfter }) => mergesAfter / (headsThen - 1))),
    settlingMs: distribution(figures.map(({ settling }) => settling)),
    steps: distribution(figures.map(({ steps }) => steps)),
  };
}

function sum(figures: readonly Figures[], of: (one: Figures) => number): number {
  return figures.reduce((total, one) => total + of(one), 0);
}

function distribution(values: readonly number[]): object {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => Number((sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(2));
  return { median: at(0.5), p95: at(0.95), p99: at(0.99), most: at(1) };
}
