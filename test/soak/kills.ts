/**
 * `npm run soak -- kills --runs 200 --small-runs 50 --seed 1`: kills either side of a transfer at seeded moments, over and
 * over, then either side of many small files, and says how each run ended: one JSON line a run, then a summary. Exits 1
 * when a file did not arrive. Of a run that fails, or with `--slow 20` takes more than so many seconds, it prints what both
 * engines know and said, and how their processes ended if they did: `SIGKILL` that this test did not send is the system's
 * answer to a lack of memory.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { messageOf } from '../../src/errors.ts';
import {
  callOn,
  drawRun,
  type KillResult,
  type KillStage,
  killRun,
  type Person,
  restart,
} from '../support/kill-run.ts';
import { announceSmallFiles, drawSmallRun, killSmallRun, type SmallKillResult } from '../support/kill-small-run.ts';
import { makeKillStage } from '../support/kill-stage.ts';
import { removeFolderSync } from '../support/remove-folder.ts';

const SMALL_FILES = 400;
/** Characters. */
const SAID_LAST = 20_000;

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '200' },
    'small-runs': { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
    slow: { type: 'string', default: 'Infinity' },
  },
});
const first = Number(values.seed);
const seedsOf = (runs: string) => Array.from({ length: Number(runs) }, (_, place) => first + place);
const print = (value: object) => process.stdout.write(`${JSON.stringify(value)}\n`);

/** What is to be known of a run that failed: what moves, what waits for what, and the last that either engine said. */
async function stateOf({ sender, receiver, conversation }: KillStage): Promise<object> {
  const of = async (person: Person) => {
    const ask = (method: string) => callOn(person, method, { conversation }).catch(messageOf);
    const saidBy = (engine: Person['engine'] | undefined) => engine?.output().slice(-SAID_LAST);
    return {
      ended: person.engine.ending(),
      ...{ status: await ask('status'), transfers: await ask('transfers') },
      ...{ said: saidBy(person.engine), saidBefore: saidBy(person.former) },
    };
  };
  return { sender: await of(sender), receiver: await of(receiver) };
}

/** So that one run's failure is not that of all which follow. */
async function revive(stage: KillStage): Promise<void> {
  for (const person of [stage.sender, stage.receiver])
    if (person.engine.ending() !== undefined) await restart(stage, person);
}

/** The results of the runs that ended well; a run that did not is printed, and remembered as failed. */
async function runAll<Result extends object>(
  seeds: readonly number[],
  { stage, draw, run }: { readonly stage: KillStage; draw(seed: number): object; run(seed: number): Promise<Result> },
): Promise<readonly Result[]> {
  const done: Result[] = [];
  for (const seed of seeds) {
    const began = performance.now();
    const secondsOf = () => Math.round((performance.now() - began) / 100) / 10;
    try {
      const result = await run(seed);
      const seconds = secondsOf();
      done.push(result);
      print({ ...result, seconds, ...(seconds > Number(values.slow) && (await stateOf(stage))) });
    } catch (error) {
      failed.push(draw(seed));
      print({ ...draw(seed), seconds: secondsOf(), failed: messageOf(error), ...(await stateOf(stage)) });
      await revive(stage);
    }
  }
  return done;
}

const folder = mkdtempSync(join(tmpdir(), 'swarmlog-soak-'));
const failed: object[] = [];
let done: readonly KillResult[] = [];
let small: readonly SmallKillResult[] = [];
const started = performance.now();
try {
  await using stage = await makeKillStage(folder, ['--log-level', 'debug']);
  done = await runAll(seedsOf(values.runs), { stage, draw: drawRun, run: (seed) => killRun(stage, drawRun(seed)) });
  const seeds = seedsOf(values['small-runs']);
  const files = await announceSmallFiles(stage, seeds.length > 0 ? SMALL_FILES : 0);
  const run = (seed: number) => killSmallRun(stage, files, drawSmallRun(seed));
  small = await runAll(seeds, { stage, draw: drawSmallRun, run });
} finally {
  removeFolderSync(folder);
}
print({
  runs: Number(values.runs),
  complete: done.length,
  smallRuns: Number(values['small-runs']),
  smallComplete: small.length,
  failed,
  killedWithBytesOnTheWay: done.filter(({ bytesThen }) => bytesThen > 0).length,
  killedWithSomeSmallFilesHere: small.filter(({ hereThen }) => hereThen > 0 && hereThen < SMALL_FILES).length,
  seconds: Math.round((performance.now() - started) / 1000),
});
process.exitCode = failed.length > 0 ? 1 : 0;
