/** A few of the runs that `npm run soak` makes by the hundred. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/cli/built-program.ts';
import { drawRun, type KillStage, killRun } from '../support/killed/kill-run.ts';
import { announceSmallFiles, drawSmallRun, killSmallRun, type SmallFiles } from '../support/killed/kill-small-run.ts';
import { makeKillStage } from '../support/killed/kill-stage.ts';

const SEEDS = [1, 3, 5, 7];
/** One that kills the sender, and one that kills the receiver, when some of the files are there. */
const SMALL_SEEDS = [2, 5];
const SMALL_FILES = 200;

let folder: ReturnType<typeof temporaryFolder>;
let stage: KillStage & AsyncDisposable;

beforeAll(async () => {
  folder = temporaryFolder();
  stage = await makeKillStage(folder.path);
});
afterAll(async () => {
  await stage[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

describe('a file arrives whole, with nothing left lying about, when a side is killed', () => {
  it.each(SEEDS.map(drawRun))('$victim, $moment, $size bytes (seed $seed)', async (run) => {
    expect(await killRun(stage, run)).toMatchObject(run);
  });
});

describe('hundreds of small files arrive whole, with nothing left lying about, when a side is killed', () => {
  let files: SmallFiles;
  beforeAll(async () => {
    files = await announceSmallFiles(stage, SMALL_FILES);
  });

  it.each(SMALL_SEEDS.map(drawSmallRun))('$victim, $share of the files here (seed $seed)', async (run) => {
    expect(await killSmallRun(stage, files, run)).toMatchObject(run);
  });
});
