/**
 * `npm run soak -- kills --runs 200 --small-runs 50 --seed 1 --at-once 2`: kills either side of a transfer at seeded
 * moments, over and over, then either side of many small files, by pairs of engines side by side, and says how each run
 * ended: one JSON line a run, then a summary, with how long the killed devices took to be back. Exits 1 when a file did not
 * arrive. Of a run that fails, or with `--slow 20` takes more than so many seconds, it prints what both engines know and
 * said, and how their processes ended if they did: `SIGKILL` that this test did not send is the system's answer to a lack
 * of memory.
 */
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { messageOf } from '../../src/errors.ts';
import { removeFolderSync } from '../support/folders/remove-folder.ts';
import {
  callOn,
  drawRun,
  type KillResult,
  type KillStage,
  killRun,
  type Person,
  restart,
} from '../support/killed/kill-run.ts';
import {
  announceSmallFiles,
  drawSmallRun,
  killSmallRun,
  type SmallKillResult,
} from '../support/killed/kill-small-run.ts';
import { makeKillStage } from '../support/killed/kill-stage.ts';

const SMALL_FILES = 400;
/** Characters. */
const SAID_LAST = 20_000;

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '200' },
    'small-runs': { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
    slow: { type: 'string', default: 'Infinity' },
    'at-once': { type: 'string', default: '1' },
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

/** The results of the runs that ended well; a run that did not is printed, and remembered as failed. Takes the seeds that it runs. */
async function runAll<Result extends object>(
  seeds: number[],
  { stage, draw, run }: { readonly stage: KillStage; draw(seed: number): object; run(seed: number): Promise<Result> },
): Promise<readonly Result[]> {
  const done: Result[] = [];
  for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
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
const done: KillResult[] = [];
const small: SmallKillResult[] = [];
const seeds = seedsOf(values.runs);
const smallSeeds = seedsOf(values['small-runs']);

/** One pair of engines, for as long as there are seeds. */
async function runPair(pair: number): Promise<void> {
  const own = join(folder, `pair-${pair}`);
  mkdirSync(own);
  await using stage = await makeKillStage(own, ['--log-level', 'debug']);
  done.push(...(await runAll(seeds, { stage, draw: drawRun, run: (seed) => killRun(stage, drawRun(seed)) })));
  if (smallSeeds.length === 0) return;
  const files = await announceSmallFiles(stage, SMALL_FILES);
  const run = (seed: number) => killSmallRun(stage, files, drawSmallRun(seed));
  small.push(...(await runAll(smallSeeds, { stage, draw: drawSmallRun, run })));
}

/** Seconds that half of the times, nine in ten and all of them do not exceed. */
function spread(times: readonly number[]): Readonly<Record<'half' | 'most' | 'all', number>> | undefined {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round((sorted[Math.ceil(sorted.length * share) - 1] ?? 0) / 100) / 10;
  return sorted.length === 0 ? undefined : { half: at(0.5), most: at(0.9), all: at(1) };
}

const started = performance.now();
try {
  await Promise.all(Array.from({ length: Number(values['at-once']) }, (_, pair) => runPair(pair)));
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
  secondsUntil: {
    up: spread(done.map(({ back }) => back.up)),
    linked: spread(done.map(({ back }) => back.linked)),
    whole: spread(done.flatMap(({ back }) => back.whole ?? [])),
  },
  seconds: Math.round((performance.now() - started) / 1000),
});
process.exitCode = failed.length > 0 ? 1 : 0;
