import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { recoverStaged } from '../../../../../src/engine/files/disk/recover-staged.ts';
import { fileIdOf } from '../../../../../src/events/file-id.ts';
import { createFileStore } from '../../../../../src/fetcher/disk/file-store-adapter.ts';
import { person, writtenGroup } from '../../../../support/engine/live-conversations.ts';
import type { EventOf } from '../../../../support/events/events.ts';
import { sha3Of } from '../../../../support/fetcher/announced-file.ts';
import { stagedAs } from '../../../../support/fetcher/staged-as.ts';
import { temporaryDirectory } from '../../../../support/folders/temporary-directory.ts';
import { quietLog } from '../../../../support/quiet-log.ts';

const BYTES = Buffer.from('the bytes');
const options = { self: person(1).device, log: quietLog };

/** A folder in which a process was killed after it had staged a file as number 7. */
async function setUp() {
  const root = await temporaryDirectory();
  const folder = join(root, 'data');
  await mkdir(folder);
  await writeFile(join(root, 'mine.png'), BYTES);
  const store = createFileStore(folder);
  await store.stage(join(root, 'mine.png'), stagedAs('7'));
  const group = await writtenGroup({ store });
  return { folder, group };
}

const announcement: EventOf<'file-announced'> = {
  kind: 'file-announced',
  displayName: 'mine.png',
  tid: '7',
  totalSize: BYTES.length,
  sha3sum: sha3Of(BYTES),
};

describe('after a process was killed', () => {
  it('a file it had announced gets its name', async () => {
    const { folder, group } = await setUp();
    const { id } = group.write(announcement);
    await group.conversation.refold();
    await recoverStaged(group.conversation, options);
    const name = fileIdOf(id, announcement);
    expect(await readdir(folder)).toEqual([name]);
    expect(await readFile(join(folder, name))).toEqual(BYTES);
  });

  it('a file it had not announced is let go of', async () => {
    const { folder, group } = await setUp();
    await recoverStaged(group.conversation, options);
    expect(await readdir(folder)).toEqual([]);
  });

  it('the announcement of another device with the same number gets nothing', async () => {
    const { folder, group } = await setUp();
    group.write(announcement, 2);
    await group.conversation.refold();
    await recoverStaged(group.conversation, options);
    expect(await readdir(folder)).toEqual([]);
  });

  it('a file that stands already is not replaced', async () => {
    const { folder, group } = await setUp();
    const { id } = group.write(announcement);
    await group.conversation.refold();
    const name = fileIdOf(id, announcement);
    await writeFile(join(folder, name), 'newer');
    await recoverStaged(group.conversation, options);
    expect(await readdir(folder)).toEqual([name]);
    expect(await readFile(join(folder, name), 'utf8')).toBe('newer');
  });

  it('a folder that cannot be read is told of, and no more is made of it', async () => {
    const file = join(await temporaryDirectory(), 'no-folder');
    await writeFile(file, '');
    const group = await writtenGroup({ store: createFileStore(file) });
    const warnings: unknown[] = [];
    const log = { ...quietLog, warn: (message: string, data?: object) => warnings.push({ message, ...data }) };
    await recoverStaged(group.conversation, { ...options, log });
    expect(warnings).toMatchObject([{ message: 'cannot look for staged files', path: file }]);
  });
});
