/** A device's home beside its logs, with the power gone at every instant, and with a disk that fails at every call. */
import { afterAll, describe, expect, it } from 'vitest';
import { createCrashStage, QUICK } from '../support/disk/crash-stage.ts';
import { HOME_OPERATIONS } from '../support/disk/home-operations.ts';

const crashes = createCrashStage({ ...QUICK, step: 2 });
afterAll(() => crashes[Symbol.dispose]());

describe.each(Object.entries(HOME_OPERATIONS))('%s', (_, operation) => {
  it('is done or not begun, and what was promised is there, wherever it is stopped', async () => {
    const { disks, flaws } = await crashes.crash(operation);
    expect(flaws).toEqual([]);
    expect(disks).toBeGreaterThan(5);
  });

  it.each(['full', 'read-only', 'broken'] as const)(
    'says so on a disk that is %s, and is done when it is not',
    async (failure) => {
      const { refused, flaws } = await crashes.fail(operation, failure);
      expect(flaws).toEqual([]);
      expect(refused).toBeGreaterThan(0);
    },
  );
});
