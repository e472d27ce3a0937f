import type { Baseline } from './figure.ts';

/** One run of something; resolves to its rate. */
export type Run = () => Promise<number>;

export interface Contest {
  readonly rounds: number;
  /** Rounds before them that do not count; 1 unless given. */
  readonly warming?: number;
  readonly ours: Run;
  readonly baseline: { readonly what: string; readonly run: Run };
}

/** Ours beside one baseline, in turn. */
export async function compare({ rounds, warming = 1, ours, baseline }: Contest): Promise<Compared> {
  const all = await inTurn({ counted: rounds, warming }, ours, [baseline.run]);
  return against(
    baseline.what,
    all.map(({ ours: rate, bare: [bare = 0] }) => ({ ours: rate, bare })),
  );
}

export interface Round<Ours> {
  readonly ours: Ours;
  /** The rates of the baselines, in their order. */
  readonly bare: readonly number[];
}

interface Rounds {
  readonly counted: number;
  /** Rounds before them, which do not count: until caches are warm, or until all code is compiled. */
  readonly warming: number;
}

/** Runs all in turn, so that whatever else the machine does falls on all alike, and swaps who goes first. */
export async function inTurn<Ours>(
  { counted: rounds, warming }: Rounds,
  ours: () => Promise<Ours>,
  baselines: readonly Run[],
): Promise<readonly Round<Ours>[]> {
  const counted: Round<Ours>[] = [];
  for (let round = 0; round < warming + rounds; round++) {
    const isOursFirst = round % 2 === 0;
    const early = isOursFirst ? await ours() : undefined;
    const bare: number[] = [];
    for (const run of baselines) bare.push(await run());
    const result = early ?? (await ours());
    if (round >= warming) counted.push({ ours: result, bare });
  }
  return counted;
}

export interface Compared {
  readonly ours: number;
  readonly against: Baseline;
}

/** What rounds come to: the medians of both rates, and that of their ratios. */
export function against(what: string, rounds: readonly { readonly ours: number; readonly bare: number }[]): Compared {
  return {
    ours: median(rounds.map(({ ours }) => ours)),
    against: {
      what,
      rate: median(rounds.map(({ bare }) => bare)),
      ratio: median(rounds.map(({ ours, bare }) => ours / bare)),
    },
  };
}

/** How many of `count` things are done per second. */
export async function rateOf(count: number, work: () => Promise<unknown> | unknown): Promise<number> {
  const started = performance.now();
  await work();
  return (count * 1000) / (performance.now() - started);
}

/** Of an even number, the mean of the two in the middle; not a number for none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[middle]];
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2;
}
