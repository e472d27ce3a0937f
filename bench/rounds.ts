import type { Baseline } from './figure.ts';

/** One run of something; resolves to its rate. */
export type Run = () => Promise<number>;

export interface Contest {
  readonly rounds: number;
  readonly ours: Run;
  readonly baseline: { readonly what: string; readonly run: Run };
}

/**
 * Runs both in turn, so that whatever else the machine does falls on both alike, and swaps who goes first.
 * One round before them warms up and does not count.
 */
export async function compare({ rounds, ours, baseline }: Contest): Promise<{ ours: number; against: Baseline }> {
  const pairs: { readonly ours: number; readonly bare: number }[] = [];
  for (let round = 0; round <= rounds; round++) {
    const isOursFirst = round % 2 === 0;
    const [first, second] = isOursFirst ? [ours, baseline.run] : [baseline.run, ours];
    const rates = [await first(), await second()];
    const [one = 0, other = 0] = isOursFirst ? rates : rates.toReversed();
    if (round > 0) pairs.push({ ours: one, bare: other });
  }
  return {
    ours: median(pairs.map((pair) => pair.ours)),
    against: {
      what: baseline.what,
      rate: median(pairs.map(({ bare }) => bare)),
      ratio: median(pairs.map((pair) => pair.ours / pair.bare)),
    },
  };
}

/** How many of `count` things are done per second. */
export async function rateOf(count: number, work: () => Promise<unknown> | unknown): Promise<number> {
  const started = performance.now();
  await work();
  return (count * 1000) / (performance.now() - started);
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[middle]];
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2;
}
