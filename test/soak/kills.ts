/**
 * `npm run soak -- kills --runs 200 --seed 1`: kills either side of a transfer at seeded moments, over and over, and says how
 * each run ended: one JSON line a run, then a summary. Exits 1 when a file did not arrive.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { messageOf } from '../../src/errors.ts';
import { drawRun, type KillResult, killRun } from '../support/kill-run.ts';
import { makeKillStage } from '../support/kill-stage.ts';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '200' }, seed: { type: 'string', default: '1' } },
});
const [runs, first] = [Number(values.runs), Number(values.seed)];
const print = (value: object) => process.stdout.write(`${JSON.stringify(value)}\n`);

const folder = mkdtempSync(join(tmpdir(), 'swarmlog-soak-'));
const done: KillResult[] = [];
const failed: number[] = [];
const started = performance.now();
try {
  await using stage = await makeKillStage(folder);
  for (let seed = first; seed < first + runs; seed += 1) {
    try {
      const result = await killRun(stage, drawRun(seed));
      done.push(result);
      print(result);
    } catch (error) {
      failed.push(seed);
      print({ ...drawRun(seed), failed: messageOf(error) });
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const moved = done.filter(({ bytesThen }) => bytesThen > 0).length;
print({
  runs,
  complete: done.length,
  failed,
  killedWithBytesOnTheWay: moved,
  seconds: Math.round((performance.now() - started) / 1000),
});
process.exitCode = failed.length > 0 ? 1 : 0;
