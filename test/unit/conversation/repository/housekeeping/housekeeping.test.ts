import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { createHousekeeping } from '../../../../../src/conversation/repository/housekeeping/housekeeping-adapter.ts';
import { frameHeader } from '../../../../../src/conversation/repository/objects/object-frame.ts';
import { objectIdOf } from '../../../../../src/conversation/repository/objects/object-id.ts';
import { LOOSE_OBJECTS, PACKS } from '../../../../../src/limits.ts';
import { temporaryDirectory } from '../../../../support/folders/temporary-directory.ts';
import { until } from '../../../../support/time/until.ts';

const nothing = async () => {};

async function damagedObject(objectsDirectory: string): Promise<void> {
  await mkdir(join(objectsDirectory, 'ab'));
  await writeFile(join(objectsDirectory, 'ab', 'c'.repeat(38)), 'no zlib');
}

async function soundObject(objectsDirectory: string): Promise<void> {
  const id = objectIdOf('blob', Buffer.alloc(0));
  await mkdir(join(objectsDirectory, 'pack'));
  await mkdir(join(objectsDirectory, id.slice(0, 2)));
  await writeFile(join(objectsDirectory, id.slice(0, 2), id.slice(2)), deflateSync(frameHeader('blob', 0)));
}

async function noPackDirectory(objectsDirectory: string): Promise<void> {
  await writeFile(join(objectsDirectory, 'pack'), 'no directory');
}

it.each([
  ['packing fails', { prepare: noPackDirectory, loose: LOOSE_OBJECTS, packs: 0 }],
  ['objects are damaged', { prepare: damagedObject, loose: LOOSE_OBJECTS, packs: 0 }],
  ['packs are to be kept', { prepare: nothing, loose: 0, packs: PACKS }],
  ['enough is packed for now', { prepare: soundObject, loose: LOOSE_OBJECTS, packs: 0 }],
])('does not pack over and over where %s', async (_, { prepare, loose, packs }) => {
  const objectsDirectory = await temporaryDirectory();
  await prepare(objectsDirectory);
  let packings = 0;
  {
    await using _housekeeping = createHousekeeping({
      ...{ objectsDirectory, countLoose: async () => loose, countPacks: () => packs },
      onMoved: async () => void packings++,
    });
    await until(() => packings > 0);
    // At its end it waits until nothing is left to be done.
  }
  expect(packings).toBe(1);
});
