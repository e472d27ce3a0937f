import { createDraw } from './draw.ts';
import { runCase } from './run-case.ts';
import type { FuzzTarget } from './target.ts';

/** An input that a target did not take as it should. */
export interface FuzzFailure {
  readonly target: string;
  readonly seed: number;
  readonly input: Uint8Array;
  readonly problem: string;
}

export interface Cases {
  /** Each case has a seed of its own, counted from this one. */
  readonly seed: number;
  /** Asked before each case, with the number of those that were run. */
  readonly goesOn: (cases: number) => boolean;
}

export interface CasesRun {
  readonly cases: number;
  readonly failures: readonly FuzzFailure[];
}

/** Runs drawn inputs up to the first failure. */
export async function runCases(target: FuzzTarget, { seed: first, goesOn }: Cases): Promise<CasesRun> {
  let cases = 0;
  for (; goesOn(cases); cases++) {
    const seed = first + cases;
    const input = target.draw(createDraw(seed));
    const problem = await runCase(target, input);
    if (problem !== undefined) return { cases: cases + 1, failures: [{ target: target.name, seed, input, problem }] };
  }
  return { cases, failures: [] };
}
