/**
 * Inputs that are nearly right, for everything that reads what somebody else wrote: whatever they hold, it ends in a value or a
 * coded error, soon, and holds no memory afterwards. `npm run fuzz` goes on for longer and with other seeds.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FUZZ_TARGETS } from '../fuzz/all-targets.ts';
import { keptInputs } from '../fuzz/kept-failures.ts';
import { memoryHeld } from '../fuzz/memory-held.ts';
import { runCase } from '../fuzz/run-case.ts';
import { runCases } from '../fuzz/run-cases.ts';

/** Cases for each reader; `FUZZ_CASES` and `FUZZ_SEED` ask for others. */
const CASES = Number(process.env['FUZZ_CASES'] ?? 500);
/** One in so many of them for what waits for files and threads. */
const WAITING_SHARE = 12;
const SEED = Number(process.env['FUZZ_SEED'] ?? 1);
const GROWTH_BYTES = 16 * 1024 * 1024;

const unhandled: unknown[] = [];
const remember = (reason: unknown) => void unhandled.push(reason);
beforeAll(() => void process.on('unhandledRejection', remember));
afterAll(() => void process.off('unhandledRejection', remember));

describe.each(FUZZ_TARGETS)('$name', (target) => {
  it('takes whatever is drawn', async () => {
    const count = target.waits ? Math.ceil(CASES / WAITING_SHARE) : CASES;
    const goesOn = (cases: number) => cases < count;
    // Caches and compiled code come with the first cases.
    await runCases(target, { seed: SEED + CASES, goesOn: (cases) => cases < count / 5 });
    const held = memoryHeld();
    const { cases, failures } = await runCases(target, { seed: SEED, goesOn });
    expect(failures.map(({ seed, problem }) => `seed ${seed}: ${problem}`)).toEqual([]);
    expect(cases).toBe(count);
    expect(memoryHeld() - held).toBeLessThan(GROWTH_BYTES);
    expect(unhandled).toEqual([]);
  });

  it('takes what once broke it', async () => {
    for (const { name, input } of keptInputs(target.name)) expect(await runCase(target, input), name).toBeUndefined();
  });
});
