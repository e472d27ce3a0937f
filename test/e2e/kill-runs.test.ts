/** A few of the runs that `npm run soak` makes by the hundred. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/cli.ts';
import { drawRun, type KillStage, killRun } from '../support/kill-run.ts';
import { makeKillStage } from '../support/kill-stage.ts';

const SEEDS = [1, 3, 5, 7];

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
