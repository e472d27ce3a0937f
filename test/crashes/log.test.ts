/** A device's logs, with the power gone at every instant, and with a disk that fails at every call. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCrashStage, QUICK } from '../support/disk/crash-stage.ts';
import type { DiskOperation } from '../support/disk/disk-operation.ts';
import { documentedInstants } from '../support/disk/documented-instants.ts';
import { recordOperation } from '../support/disk/every-crash.ts';
import { LOG_OPERATIONS, type LogStage, makeLogStage } from '../support/disk/log-operations.ts';
import { fsck, git } from '../support/git/stock-git.ts';
import { describeNeeding, stockGit } from '../support/runner/needs.ts';

const GIT_CHECKS_EVERY = 20;

const crashes = createCrashStage(QUICK);
let stage: LogStage;
beforeAll(async () => {
  stage = await makeLogStage(crashes.folder('stage'));
});
afterAll(async () => {
  await stage.theirs.close();
  crashes[Symbol.dispose]();
});

/** As the operation, with git asked as well of every so manyth disk: a process of its own costs as much as all the rest. */
function checkedByGit(operation: DiskOperation): DiskOperation {
  let checks = 0;
  return {
    ...operation,
    async check(directory, promised) {
      await operation.check(directory, promised);
      if (checks++ % GIT_CHECKS_EVERY !== 0) return;
      for (const name of readdirSync(directory)) {
        const path = join(directory, name);
        const found = `${await fsck(path)}${(await git(path, 'status', '--porcelain')).stdout}`;
        if (found !== '') throw new TypeError(`git says: ${found}`);
      }
    },
  };
}

/** What git sees is shown by these: the others leave no other kinds of files behind. */
const SEEN_BY_GIT: ReadonlySet<string> = new Set([
  ...['saying much at once', 'inviting somebody', 'packing, with small packs there'],
]);
const [seenByGit, others] = [true, false].map((isSeen) =>
  Object.entries(LOG_OPERATIONS).filter(([name]) => SEEN_BY_GIT.has(name) === isSeen),
);

describe.each(others ?? [])('%s', (name, operationOn) => {
  testOperation(name, (at) => operationOn(at));
});

it.each(['pulling and merging', 'packing, with small packs there'])(
  '%s: a pack has its name before its index, by which git would look for it',
  async (name) => {
    const { changes } = await recordOperation(
      LOG_OPERATIONS[name]?.(stage) ?? expect.unreachable(),
      crashes.folder('names'),
    );
    const named = changes.flatMap((change) => (change.kind === 'names' ? [change.what] : []));
    const [pack, index] = ['pack', 'idx'].map((end) => named.findIndex((what) => what.endsWith(`.${end}`)));
    expect(pack).toBeGreaterThan(0);
    expect(index).toBeGreaterThan(pack ?? 0);
  },
);

describeNeeding(stockGit, 'as git sees it too', () => {
  describe.each(seenByGit ?? [])('%s', (name, operationOn) => {
    testOperation(name, (at) => checkedByGit(operationOn(at)));
  });
});

function testOperation(name: string, operationOn: (at: LogStage) => DiskOperation): void {
  it('is done or not begun, and what was promised is there, wherever it is stopped', async () => {
    const { instants, disks, flaws } = await crashes.crash(operationOn(stage));
    expect(flaws).toEqual([]);
    expect(disks).toBeGreaterThan(10);
    const { least, most } = documentedInstants(name);
    expect(instants).toBeGreaterThanOrEqual(least);
    expect(instants).toBeLessThanOrEqual(most);
  });

  it.each(['full', 'read-only', 'broken'] as const)(
    'says so on a disk that is %s, and is done when it is not',
    async (failure) => {
      const operation = operationOn(stage);
      const { refused, flaws } = await crashes.fail(operation, failure);
      expect(flaws).toEqual([]);
      if (failure === 'full' && operation.needsNoRoom) expect(refused).toBe(0);
      else expect(refused).toBeGreaterThan(0);
    },
  );
}
