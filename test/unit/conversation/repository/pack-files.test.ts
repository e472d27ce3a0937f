import { mkdir, readdir, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { expect, it } from 'vitest';
import { openPackFiles } from '../../../../src/conversation/repository/packs/pack-files-adapter.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';
import { thrownBy } from '../../../support/thrown.ts';

it.runIf(process.platform === 'linux')('keeps no file open whose index is damaged', async () => {
  const directory = await temporaryDirectory();
  await mkdir(join(directory, 'pack'));
  for (const name of ['pack-1.pack', 'pack-1.idx']) await writeFile(join(directory, 'pack', name), 'no such thing');
  await thrownBy('STORE_CORRUPT', () => openPackFiles(directory));
  expect(await openBelow(directory)).toEqual([]);
});

/** What this process has open there. */
async function openBelow(directory: string): Promise<readonly string[]> {
  const names = await readdir('/proc/self/fd');
  const paths = await Promise.all(names.map((name) => readlink(join('/proc/self/fd', name)).catch(() => '')));
  return paths.filter((path) => path.startsWith(directory));
}
