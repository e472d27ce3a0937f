/**
 * `npm run fuzz -- --seconds 60 --seed 1 [--only pack,tree]`: gives every reader inputs that are nearly right, for so long in all,
 * each input from a seed of its own. One JSON line for each reader. An input that breaks one is kept under `fixtures/fuzz/`,
 * where the tests read it from then on; then it exits 1.
 */
import { parseArgs } from 'node:util';
import { FUZZ_TARGETS } from './all-targets.ts';
import { keepFailure } from './kept-failures.ts';
import { memoryHeld } from './memory-held.ts';
import { runCases } from './run-cases.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
});
const print = (value: object) => process.stdout.write(`${JSON.stringify(value)}\n`);
process.on('unhandledRejection', (reason) => {
  print({ unhandled: String(reason) });
  process.exitCode = 1;
});

const known = FUZZ_TARGETS.map(({ name }) => name);
const wanted = values.only?.split(',') ?? known;
const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length > 0) throw new Error(`there is no ${unknown.join(', ')}; there are ${known.join(', ')}`);
const [seconds, seed] = [Number(values.seconds), Number(values.seed)];
if (!(seconds > 0) || !Number.isSafeInteger(seed)) throw new Error('--seconds and --seed are numbers');
const targets = FUZZ_TARGETS.filter(({ name }) => wanted.includes(name));
const share = (seconds * 1000) / targets.length;
for (const target of targets) {
  const held = memoryHeld();
  const end = performance.now() + share;
  const { cases, failures } = await runCases(target, { seed, goesOn: () => performance.now() < end });
  print({ target: target.name, cases, failed: failures.length, grownBytes: memoryHeld() - held });
  for (const failure of failures) {
    print({ target: failure.target, seed: failure.seed, problem: failure.problem, kept: keepFailure(failure) });
    process.exitCode = 1;
  }
}
