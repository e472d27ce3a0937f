/** A whole engine, with the power gone at a few of its instants; at all of them in the soak. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCrashStage } from '../support/disk/crash-stage.ts';
import { type EngineStage, makeEngineStage } from '../support/disk/engine-operation.ts';
import { describeNeeding, stockGit } from '../support/runner/needs.ts';

const crashes = createCrashStage({ seeds: [1], every: 20, step: 1 });
let stage: EngineStage;
beforeAll(async () => {
  stage = await makeEngineStage(crashes.folder('stage'));
});
afterAll(async () => {
  await stage[Symbol.asyncDispose]();
  crashes[Symbol.dispose]();
});

describeNeeding(stockGit, 'an engine that starts, pulls, merges and speaks', () => {
  it('starts again wherever it is stopped, and lacks nothing of what it had promised or written down', async () => {
    const { instants, disks, flaws } = await crashes.crash(stage.operation);
    expect(flaws).toEqual([]);
    expect(instants).toBeGreaterThan(30);
    expect(disks).toBeGreaterThan(2);
  });
});
