/**
 * `npm run soak -- replicas --runs 10000 --seed 1`: lets simulated devices write, lose each other and crash, and looks at
 * whether they agree in the end. Prints a JSON line for each seed that breaks a law, with the smallest schedule that does,
 * then a summary. Exits 1 when there was one.
 */
import process from 'node:process';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { brokenLaws } from '../simulator/laws.ts';
import { schedules } from '../simulator/schedule.ts';
import { type Figures, simulate } from '../simulator/simulate.ts';
import { summaryOf } from '../simulator/summary.ts';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '1000' }, seed: { type: 'string', default: '1' } },
});
const [runs, first] = [Number(values.runs), Number(values.seed)];
const print = (value: object) => process.stdout.write(`${JSON.stringify(value)}\n`);

const started = { at: performance.now(), cpu: process.cpuUsage() };
const figures: Figures[] = [];
const failed: number[] = [];
const holds = fc.asyncProperty(schedules, async (schedule) => {
  const simulation = await simulate(schedule);
  figures.push(simulation.figures);
  const broken = brokenLaws(simulation);
  if (broken.length > 0) throw new Error(broken.join('; '));
});
for (let seed = first; seed < first + runs; seed += 1) {
  const result = await fc.check(holds, { seed, numRuns: 1, endOnFailure: true });
  if (!result.failed) continue;
  failed.push(seed);
  print({ seed, broken: String(result.errorInstance), schedule: result.counterexample?.[0] });
}
const { user, system } = process.cpuUsage(started.cpu);
print({
  ...{ runs, failed, ...summaryOf(figures) },
  ...{ seconds: Math.round((performance.now() - started.at) / 1000), cpuSeconds: Math.round((user + system) / 1e6) },
});
process.exitCode = failed.length > 0 ? 1 : 0;
