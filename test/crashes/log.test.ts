/** A device's logs, with the power gone at every instant, and with a disk that fails at every call. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCrashStage, QUICK } from '../support/disk/crash-stage.ts';
import { LOG_OPERATIONS, type LogStage, makeLogStage } from '../support/disk/log-operations.ts';

const crashes = createCrashStage(QUICK);
let stage: LogStage;
beforeAll(async () => {
  stage = await makeLogStage(crashes.folder('stage'));
});
afterAll(async () => {
  await stage.theirs.close();
  crashes[Symbol.dispose]();
});

describe.each(Object.entries(LOG_OPERATIONS))('%s', (_, operationOn) => {
  it('is done or not begun, and what was promised is there, wherever it is stopped', async () => {
    const { disks, flaws } = await crashes.crash(operationOn(stage));
    expect(flaws).toEqual([]);
    expect(disks).toBeGreaterThan(10);
  });

  it.each(['full', 'read-only', 'broken'] as const)(
    'says so on a disk that is %s, and is done when it is not',
    async (failure) => {
      const { refused, flaws } = await crashes.fail(operationOn(stage), failure);
      expect(flaws).toEqual([]);
      expect(refused).toBeGreaterThan(0);
    },
  );
});
