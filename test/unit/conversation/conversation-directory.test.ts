import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { clonePath, nurseryPath, removeUnfinished } from '../../../src/conversation/conversation-directory-adapter.ts';
import { createMutex } from '../../../src/conversation/write/mutex.ts';
import { ConversationId } from '../../../src/ids.ts';
import { temporaryDirectory } from '../../support/folders/temporary-directory.ts';

it('removes what a killed process was building, and nothing else', async () => {
  const directory = await temporaryDirectory();
  const [whole, numeric] = ['a'.repeat(40), '1'.repeat(40)];
  const unfinished = [
    nurseryPath(directory, '18446744073709551615'),
    clonePath(directory, ConversationId.parse(whole)),
  ];
  for (const path of [...unfinished, join(directory, whole), join(directory, numeric)])
    await mkdir(join(path, '.git'), { recursive: true });
  await removeUnfinished(directory);
  expect((await readdir(directory)).sort()).toEqual([numeric, whole]);
  await removeUnfinished(join(directory, 'not there'));
});

it('runs writers one after the other, whatever becomes of each', async () => {
  const mutex = createMutex();
  const seen: string[] = [];
  const step = (name: string) => async () => {
    seen.push(`${name} begins`);
    await Promise.resolve();
    seen.push(`${name} ends`);
    if (name === 'b') throw new TypeError(name);
    return name;
  };
  const results = await Promise.allSettled(['a', 'b', 'c'].map((name) => mutex.run(step(name))));
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
});
