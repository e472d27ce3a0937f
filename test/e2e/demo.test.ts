import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runCli, temporaryFolder } from '../support/cli/built-program.ts';

it('the demo tells its story and leaves nothing behind', async () => {
  using folder = temporaryFolder();
  const temporary = join(folder.path, 'tmp');
  mkdirSync(temporary);
  const { code, stdout, stderr } = await runCli(['demo', '--json'], { env: { TMPDIR: temporary } });
  expect(code, stderr).toBe(0);
  const files = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(files.map(({ name, mishap, isEqual }) => ({ name, mishap, isEqual }))).toEqual([
    { name: 'minutes.txt', mishap: 'deleted', isEqual: true },
    { name: 'sunset.png', mishap: 'deleted', isEqual: true },
    { name: 'recording.bin', mishap: 'one byte flipped', isEqual: true },
    { name: 'recording.bin', mishap: undefined, isEqual: true },
  ]);
  for (const { sha3sum } of files) expect(sha3sum).toMatch(/^[0-9a-f]{128}$/);
  expect(files.at(-1)).toMatchObject({ size: 64 * 1024 * 1024 });
  expect(readdirSync(temporary)).toEqual([]);
});
