/** What a benchmark measured. Rates, of which more is better, unless the unit is one of time or memory. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  /** The median of the rounds. */
  readonly ours: number;
  readonly against?: Baseline;
  /** Whatever helps to read the figure: sizes, counts, threads. */
  readonly facts: Readonly<Record<string, string | number>>;
}

export interface Baseline {
  readonly what: string;
  /** In the figure's unit, the median of the rounds. */
  readonly rate: number;
  /** The median of the rounds' ratios, ours over the baseline's: both run right after each other in each round. */
  readonly ratio: number;
}

export interface BenchmarkOptions {
  /** Small sizes and few rounds: shows that it runs, not how fast. */
  readonly quick: boolean;
  /** For what takes long to make and can be kept until the next run. */
  readonly cacheFolder: string;
  readonly signal: AbortSignal;
}

export type Benchmark = (options: BenchmarkOptions) => Promise<readonly Figure[]>;
