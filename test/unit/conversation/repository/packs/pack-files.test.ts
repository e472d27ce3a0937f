import { mkdir, readdir, readlink, rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { expect, it } from 'vitest';
import { openPackFiles } from '../../../../../src/conversation/repository/packs/pack-files-adapter.ts';
import { packObjects } from '../../../../../src/conversation/repository/packs/pack-writer.ts';
import { receivePack } from '../../../../../src/conversation/repository/receive/receive-pack-adapter.ts';
import type { ObjectId } from '../../../../../src/ids.ts';
import { temporaryDirectory } from '../../../../support/folders/temporary-directory.ts';
import { type MemoryObjects, memoryObjects } from '../../../../support/git/git-objects.ts';
import { thrownBy } from '../../../../support/thrown.ts';

it.runIf(process.platform === 'linux')('keeps no file open whose index is damaged', async () => {
  const directory = await temporaryDirectory();
  await mkdir(join(directory, 'pack'));
  for (const name of ['pack-1.pack', 'pack-1.idx']) await writeFile(join(directory, 'pack', name), 'no such thing');
  await thrownBy('STORE_CORRUPT', () => openPackFiles(directory));
  expect(await openBelow(directory)).toEqual([]);
});

it('finds a pack that came in at what the file system calls the same time as the last one', async () => {
  const directory = await temporaryDirectory();
  await mkdir(join(directory, 'pack'));
  const [first, second] = [memoryObjects(), memoryObjects()];
  const ids = [await first.write('blob', Buffer.from('1')), await second.write('blob', Buffer.from('2'))] as const;
  await writePack(directory, first, ids[0]);
  const time = new Date(1_700_000_000_000);
  await utimes(join(directory, 'pack'), time, time);
  await using packs = await openPackFiles(directory);
  await writePack(directory, second, ids[1]);
  await utimes(join(directory, 'pack'), time, time);
  await packs.refresh();
  expect(ids.map((id) => packs.has(id))).toEqual([true, true]);
});

it('keeps its packs when their folder cannot be read for a while', async () => {
  const directory = await temporaryDirectory();
  const folder = join(directory, 'pack');
  await mkdir(folder);
  const objects = memoryObjects();
  const id = await objects.write('blob', Buffer.from('1'));
  await writePack(directory, objects, id);
  await using packs = await openPackFiles(directory);
  await rename(folder, `${folder}.away`);
  await writeFile(folder, 'no folder');
  await thrownBy('FILE_FAILED', () => packs.refresh());
  expect(packs.has(id)).toBe(true);
});

async function writePack(directory: string, own: MemoryObjects, id: ObjectId): Promise<void> {
  const stem = join(directory, 'pack', `pack-${id}`);
  const { signal } = new AbortController();
  const { index } = await receivePack(packObjects(own, [id]), { path: `${stem}.pack`, own, signal });
  await writeFile(`${stem}.idx`, index);
}

/** What this process has open there. */
async function openBelow(directory: string): Promise<readonly string[]> {
  const names = await readdir('/proc/self/fd');
  const paths = await Promise.all(names.map((name) => readlink(join('/proc/self/fd', name)).catch(() => '')));
  return paths.filter((path) => path.startsWith(directory));
}
