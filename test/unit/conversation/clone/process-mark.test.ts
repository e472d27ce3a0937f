import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';
import { buildDirectory } from '../../../../src/conversation/clone/new-directory-adapter.ts';
import { isOfEndedProcess, ownMark } from '../../../../src/conversation/clone/process-mark-adapter.ts';
import { temporaryDirectory } from '../../../support/folders/temporary-directory.ts';

/** The id of a process that was there a moment ago. */
async function endedProcess(): Promise<number> {
  const child = spawn('true');
  const { pid } = child;
  if (pid === undefined) throw new TypeError('no process was started');
  await once(child, 'exit');
  return pid;
}

async function markOfEnded(): Promise<string> {
  return ownMark().replace(/-[0-9]+-/, `-${await endedProcess()}-`);
}

it('a process that runs has not ended', () => {
  expect(isOfEndedProcess(ownMark())).toBe(false);
});

it('one that is gone has', async () => {
  expect(isOfEndedProcess(await markOfEnded())).toBe(true);
});

it.runIf(process.platform === 'linux')('one whose id belongs to another by now has', () => {
  expect(isOfEndedProcess(ownMark().replace(/[0-9a-f]{8}$/, '01234567'))).toBe(true);
});

it('of one in another container, or of no mark at all, nobody can tell', async () => {
  const elsewhere = (await markOfEnded()).replace(/^[0-9a-f]{8}/, '01234567');
  for (const mark of [elsewhere, '', '1-2-3', 'film']) expect(isOfEndedProcess(mark)).toBe(false);
});

it('a new directory is built where a killed process left one, and others go on with theirs', async () => {
  const folder = await temporaryDirectory();
  const others = [
    `.made.${ownMark()}.0011aabb.clone.tmp`,
    `.other.${await markOfEnded()}.0011aabb.clone.tmp`,
    'made.tmp',
  ];
  for (const name of [...others, `.made.${await markOfEnded()}.0011aabb.clone.tmp`])
    await mkdir(join(folder, name, 'inner'), { recursive: true });
  const name = await buildDirectory(join(folder, 'made'), async (beside) => {
    await mkdir(beside);
    return basename(beside);
  });
  expect(name).toMatch(/^\.made\.[0-9a-f]{8}-[0-9]+-[0-9a-f]{8}\.[0-9a-f]{8}\.clone\.tmp$/);
  expect((await readdir(folder)).toSorted()).toEqual([...others, 'made'].toSorted());
});
