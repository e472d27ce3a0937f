/** A device's home beside its logs, with the power gone at every instant, and with a disk that fails at every call. */
import { writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { createFileStore } from '../../src/fetcher/disk/file-store-adapter.ts';
import { FileId } from '../../src/ids.ts';
import { createCrashStage, QUICK } from '../support/disk/crash-stage.ts';
import { documentedInstants } from '../support/disk/documented-instants.ts';
import { HOME_OPERATIONS } from '../support/disk/home-operations.ts';
import { watchDisk } from '../support/disk/watched-fs.ts';

const crashes = createCrashStage({ ...QUICK, step: 2 });
afterAll(() => crashes[Symbol.dispose]());

describe.each(Object.entries(HOME_OPERATIONS))('%s', (name, operation) => {
  it('is done or not begun, and what was promised is there, wherever it is stopped', async () => {
    const { instants, disks, flaws } = await crashes.crash(operation);
    expect(flaws).toEqual([]);
    expect(disks).toBeGreaterThan(5);
    const { least, most } = documentedInstants(name);
    expect(instants).toBeGreaterThanOrEqual(least);
    expect(instants).toBeLessThanOrEqual(most);
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

it('a file that is changed as soon as it has its name does not pass for the one that was checked', async () => {
  const folder = crashes.folder('changed');
  const checked = Buffer.from('what was checked');
  await using partial = await createFileStore(folder).openPartial(FileId.parse(`${'a'.repeat(40)}_1.ogg`));
  await partial.write([checked], 0);
  const changeOnRename = (call: { kind: string; to?: string }) => {
    if (call.kind === 'rename' && call.to !== undefined) writeFileSync(call.to, 'something else');
  };
  using _ = watchDisk(folder, { before: () => {}, after: changeOnRename });
  expect((await partial.promote()).size).toBe(checked.length);
});
