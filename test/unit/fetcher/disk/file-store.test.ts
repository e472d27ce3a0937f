import { execFileSync } from 'node:child_process';
import { link, mkdir, readdir, readFile, readlink, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFileStore } from '../../../../src/fetcher/disk/file-store-adapter.ts';
import type { FileStamp, FileStore } from '../../../../src/fetcher/ports.ts';
import type { FileId } from '../../../../src/ids.ts';
import { announcedFile, someBytes } from '../../../support/fetcher/announced-file.ts';
import { stagedAs } from '../../../support/fetcher/staged-as.ts';
import { temporaryDirectory } from '../../../support/folders/temporary-directory.ts';
import { thrownBy } from '../../../support/thrown.ts';

const { fileId } = announcedFile(new Uint8Array(1));

async function emptyStore() {
  const root = await temporaryDirectory();
  const folder = join(root, 'conversation_data', 'c');
  return { root, folder, store: createFileStore(folder) };
}

describe('a folder of files', () => {
  it('holds nothing, and is not there, before the first file', async () => {
    const { root, store } = await emptyStore();
    expect(await store.stamp(fileId)).toBeUndefined();
    expect(await store.partialSize(fileId)).toBeUndefined();
    expect(await store.openForReading(fileId)).toBeUndefined();
    expect(await readdir(root)).toEqual([]);
  });

  it('reads into many buffers from any position', async () => {
    const { folder, store } = await emptyStore();
    await mkdir(folder, { recursive: true });
    const bytes = someBytes(1000);
    await writeFile(store.pathOf(fileId), bytes);
    await using file = await store.openForReading(fileId);
    const [one, two] = [new Uint8Array(300), new Uint8Array(500)];
    await file?.read([one, two], 100);
    expect(Buffer.concat([one, two])).toEqual(Buffer.from(bytes.subarray(100, 900)));
    await thrownBy('FILE_FAILED', () => file?.read([new Uint8Array(2)], 999));
  });

  it('tells one file from another under the same name', async () => {
    const { folder, store } = await emptyStore();
    await mkdir(folder, { recursive: true });
    await writeFile(store.pathOf(fileId), 'old');
    const before = await store.stamp(fileId);
    await writeFile(join(folder, 'other'), 'new');
    execFileSync('mv', [join(folder, 'other'), store.pathOf(fileId)]);
    expect((await store.stamp(fileId))?.inode).not.toBe(before?.inode);
  });

  it.each([
    ['a directory', (path: string) => mkdir(path, { recursive: true })],
    ['a link to nothing', (path: string) => symlink('/nowhere/at/all', path)],
    ['a link to itself', (path: string) => symlink(path, path)],
    ['a pipe that nobody writes to', async (path: string) => void execFileSync('mkfifo', [path])],
  ])('holds no file where %s stands under the name', async (_, place) => {
    const { folder, store } = await emptyStore();
    await mkdir(folder, { recursive: true });
    await place(store.pathOf(fileId));
    expect(await store.stamp(fileId)).toBeUndefined();
    expect(await store.openForReading(fileId)).toBeUndefined();
  });
});

describe('a partial file', () => {
  it('grows, is kept when it is closed, goes on where it was, and gets its name in the end', async () => {
    const { folder, store } = await emptyStore();
    const bytes = someBytes(5000);
    {
      await using partial = await store.openPartial(fileId);
      await partial.write([bytes.subarray(0, 10), bytes.subarray(10, 2000)], 0);
      await partial.flush();
    }
    expect(await store.partialSize(fileId)).toBe(2000);
    const partial = await store.openPartial(fileId);
    expect(partial.size()).toBe(2000);
    await partial.write([bytes.subarray(3000)], 3000);
    await partial.write([bytes.subarray(2000, 3000)], 2000);
    const stamp = await partial.promote();
    expect(await store.stamp(fileId)).toEqual(stamp);
    expect(Buffer.compare(await readFile(store.pathOf(fileId)), bytes)).toBe(0);
    expect(await readdir(folder)).toEqual([fileId]);
  });

  it('is read until it has its name, and says so from then on', async () => {
    const { store } = await emptyStore();
    await using partial = await store.openPartial(fileId);
    const bytes = someBytes(100);
    await partial.write([bytes], 0);
    const [head, tail] = [new Uint8Array(60), new Uint8Array(40)];
    expect(await partial.read([head, tail], 0)).toBe(true);
    expect(Buffer.compare(Buffer.concat([head, tail]), bytes)).toBe(0);
    await thrownBy('FILE_FAILED', () => partial.read([new Uint8Array(1)], 100));
    await partial.promote();
    expect(await partial.read([head], 0)).toBe(false);
  });

  it('that is given its name meanwhile reads as a whole, or says that it is closed', async () => {
    const { store } = await emptyStore();
    await using partial = await store.openPartial(fileId);
    await partial.write([someBytes(100)], 0);
    const promoted = partial.promote();
    const reads: boolean[] = [];
    do reads.push(await partial.read([new Uint8Array(100)], 0));
    while (reads.at(-1));
    await promoted;
    expect(reads.filter((isRead) => !isRead)).toEqual([false]);
  });

  it('is cut back or thrown away', async () => {
    const { folder, store } = await emptyStore();
    const partial = await store.openPartial(fileId);
    await partial.write([someBytes(100)], 0);
    await partial.truncate(30);
    await partial.write([someBytes(5)], 30);
    expect(partial.size()).toBe(35);
    expect((await stat(partial.path)).size).toBe(35);
    await partial.discard();
    expect(await readdir(folder)).toEqual([]);
  });

  it('replaces a wrong file under the name only when it is promoted', async () => {
    const { folder, store } = await emptyStore();
    await mkdir(folder, { recursive: true });
    await writeFile(store.pathOf(fileId), 'wrong');
    const partial = await store.openPartial(fileId);
    await partial.write([Buffer.from('right')], 0);
    expect(await readFile(store.pathOf(fileId), 'utf8')).toBe('wrong');
    await partial.promote();
    expect(await readFile(store.pathOf(fileId), 'utf8')).toBe('right');
  });

  it('is not led out of the folder by a link under the temporary name', async () => {
    const { root, folder, store } = await emptyStore();
    await mkdir(folder, { recursive: true });
    const outside = join(root, 'outside');
    await writeFile(outside, 'untouched');
    await symlink(outside, join(folder, `${fileId}.tmp`));
    await thrownBy('FILE_FAILED', () => store.openPartial(fileId));
    expect(await readFile(outside, 'utf8')).toBe('untouched');
  });

  it('says that its name is taken by a directory, and stays', async () => {
    const { store } = await emptyStore();
    const partial = await store.openPartial(fileId);
    await partial.write([Buffer.from('bytes')], 0);
    await mkdir(join(store.pathOf(fileId), 'full'), { recursive: true });
    await thrownBy('FILE_FAILED', () => partial.promote());
    await partial[Symbol.asyncDispose]();
    expect(await store.partialSize(fileId)).toBe(5);
  });
});

/** A local file, staged and given its name at once. */
async function taken(store: FileStore, path: string, name: FileId): Promise<FileStamp> {
  return (await store.stage(path, stagedAs('17'))).place(name);
}

describe('taking in a local file', () => {
  it('keeps it beside its name until it is placed, also for the next process', async () => {
    const { root, folder, store } = await emptyStore();
    await writeFile(join(root, 'notes'), 'text');
    await store.stage(join(root, 'notes'), stagedAs('4711'));
    expect(await store.stamp(fileId)).toBeUndefined();
    const found = await createFileStore(folder).staged();
    expect([...found.keys()]).toEqual(['4711']);
    const stamp = await found.get('4711')?.place(fileId);
    expect(await store.stamp(fileId)).toEqual(stamp);
    expect((await store.staged()).size).toBe(0);
  });

  it('leaves nothing behind when it is discarded', async () => {
    const { root, folder, store } = await emptyStore();
    await writeFile(join(root, 'notes'), 'text');
    await (await store.stage(join(root, 'notes'), stagedAs('4711'))).discard();
    expect(await readdir(folder)).toEqual([]);
  });

  it('links it, so that it takes no room twice', async () => {
    const { root, folder, store } = await emptyStore();
    const path = join(root, 'picture.png');
    await writeFile(path, someBytes(10));
    const stamp = await taken(store, path, fileId);
    expect(stamp.inode).toBe((await stat(path)).ino);
    expect(await store.stamp(fileId)).toEqual(stamp);
    expect(await taken(store, path, fileId), 'twice is once').toMatchObject({ inode: stamp.inode });
    expect(await readdir(folder)).toEqual([fileId]);
  });

  it('follows links of the user, and never makes one itself', async () => {
    const { root, store } = await emptyStore();
    await writeFile(join(root, 'real'), 'real');
    await symlink(join(root, 'real'), join(root, 'link'));
    await taken(store, join(root, 'link'), fileId);
    await expect(readlink(store.pathOf(fileId))).rejects.toMatchObject({ code: 'EINVAL' });
    expect(await readFile(store.pathOf(fileId), 'utf8')).toBe('real');
  });

  it('replaces what stands under the name, and leaves its other names alone', async () => {
    const { root, folder, store } = await emptyStore();
    await mkdir(folder, { recursive: true });
    await writeFile(join(root, 'old'), 'old');
    await link(join(root, 'old'), store.pathOf(fileId));
    await writeFile(join(root, 'new'), 'new');
    await taken(store, join(root, 'new'), fileId);
    expect(await readFile(store.pathOf(fileId), 'utf8')).toBe('new');
    expect(await readFile(join(root, 'old'), 'utf8')).toBe('old');
  });

  it('says what it cannot import', async () => {
    const { root, store } = await emptyStore();
    await thrownBy('FILE_FAILED', () => taken(store, join(root, 'nothing'), fileId));
    const error = await thrownBy('FILE_FAILED', () => taken(store, root, fileId));
    expect(error.data).toEqual({ path: root, detail: 'it is no regular file' });
  });

  it('shows a later change of a linked original in the stamp', async () => {
    const { root, store } = await emptyStore();
    const path = join(root, 'report.txt');
    await writeFile(path, 'first');
    const stamp = await taken(store, path, fileId);
    await truncate(path, 2);
    expect(await store.stamp(fileId)).not.toEqual(stamp);
  });
});
