/**
 * `npm run soak -- crashes --seeds 20 --kills 40 --seed 1`: the power goes at every instant of every operation, with several
 * drawn fates each, the disk fails at every call, and processes of two engines are killed right before drawn calls of theirs,
 * with `--kills every` at each one from opening their homes to closing them. One JSON line an operation and a kill; with
 * `--seeds 0` only the kills. Exits 1 when something did not hold.
 */
import '../support/disk/watched-fs.ts';

import process from 'node:process';
import { parseArgs } from 'node:util';
import type { CrashStage } from '../support/disk/crash-stage.ts';
import type { DiskOperation } from '../support/disk/disk-operation.ts';

// Only now: what these import takes functions out of `node:fs`, which has to be watched by then.
const { createCrashStage } = await import('../support/disk/crash-stage.ts');
const { LOG_OPERATIONS, makeLogStage } = await import('../support/disk/log-operations.ts');
const { makeEngineStage } = await import('../support/disk/engine-operation.ts');
const { HOME_OPERATIONS } = await import('../support/disk/home-operations.ts');
const { killProcesses } = await import('../support/killed/kill-processes.ts');

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    kills: { type: 'string', default: '40' },
    seed: { type: 'string', default: '1' },
  },
});
const first = Number(values.seed);
const seeds = Array.from({ length: Number(values.seeds) }, (_, place) => first + place);
const print = (value: object) => process.stdout.write(`${JSON.stringify(value)}\n`);

async function tryOut(name: string, operation: DiskOperation, stage: CrashStage): Promise<readonly string[]> {
  const { instants, disks, flaws } = await stage.crash(operation);
  print({ operation: name, instants, disks, flaws });
  const failed: string[] = [...flaws];
  for (const failure of ['full', 'read-only', 'broken'] as const) {
    const report = await stage.fail(operation, failure);
    print({ operation: name, disk: failure, ...report });
    failed.push(...report.flaws);
  }
  return failed;
}

using stage = createCrashStage({ seeds, step: 1 });
const flaws: string[] = [];
const started = performance.now();
if (seeds.length > 0) {
  const logs = await makeLogStage(stage.folder('logs'));
  const onLogs = Object.entries(LOG_OPERATIONS).map(([name, operationOn]) => [name, operationOn(logs)] as const);
  for (const [name, operation] of [...onLogs, ...Object.entries(HOME_OPERATIONS)])
    flaws.push(...(await tryOut(name, operation, stage)));
  await logs.theirs.close();
  await using engines = await makeEngineStage(stage.folder('engines'));
  const { instants, disks, flaws: found } = await stage.crash(engines.operation);
  print({ operation: 'an engine from its start to its end', instants, disks, flaws: found });
  flaws.push(...found);
}
flaws.push(
  ...(await killProcesses({ kills: values.kills === 'every' ? 'every' : Number(values.kills), seed: first, print })),
);
print({ flaws: flaws.length, seconds: Math.round((performance.now() - started) / 1000) });
process.exitCode = flaws.length > 0 ? 1 : 0;
