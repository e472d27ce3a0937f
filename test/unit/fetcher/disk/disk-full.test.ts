import { execFileSync } from 'node:child_process';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { SyncError } from '../../../../src/errors.ts';
import { createWorkerDigester } from '../../../../src/fetcher/digest/worker-digester-adapter.ts';
import { createFileStore } from '../../../../src/fetcher/disk/file-store-adapter.ts';
import type { FileStore, PartialFile } from '../../../../src/fetcher/ports.ts';
import { announcedFile, sha3Of, someBytes } from '../../../support/fetcher/announced-file.ts';
import { put, receive, serve, temporaryStore } from '../../../support/fetcher/transfer.ts';
import { temporaryDirectory } from '../../../support/folders/temporary-directory.ts';
import { channelPair } from '../../../support/net/channel-pair.ts';
import { patience } from '../../../support/time/patience.ts';

const MiB = 1024 * 1024;
const digester = createWorkerDigester();
afterAll(() => digester[Symbol.asyncDispose]());

/** A store on a file system of its own with room for `mebibytes`; undefined where this user may mount none. */
async function storeOnSmallDisk(mebibytes: number): Promise<{ folder: string; store: FileStore } | undefined> {
  const disk = join(await temporaryDirectory(), 'disk');
  await mkdir(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', disk], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  onTestFinished(() => void execFileSync('umount', [disk]));
  const folder = join(disk, 'data');
  return { folder, store: createFileStore(folder) };
}

/** A store whose disk says that it is full once a partial file has taken `room` bytes. */
function withRoomFor(room: number, store: FileStore): FileStore {
  const limited = (partial: PartialFile): PartialFile => ({
    ...partial,
    async write(buffers, position) {
      let at = position;
      for (const bytes of buffers) {
        const fitting = bytes.subarray(0, Math.max(0, room - at));
        await partial.write([fitting], at);
        at += fitting.length;
        if (fitting.length < bytes.length) throw new SyncError('DISK_FULL', { path: partial.path });
      }
    },
  });
  return { ...store, openPartial: async (fileId) => limited(await store.openPartial(fileId)) };
}

async function fillUp(store: FileStore, folder: string): Promise<void> {
  const bytes = someBytes(6 * MiB);
  const file = announcedFile(bytes);
  const from = await temporaryStore();
  await put(from.store, file, bytes);
  await using pair = channelPair('data-transfer');
  const [source, receiver] = await Promise.all([
    serve(file, { store: from.store, channel: pair.left }),
    receive(file, { store, digester, channel: pair.right }),
  ]);
  expect([source.outcome, receiver.outcome]).toEqual(['disk-full', 'disk-full']);
  expect(await readdir(folder)).toContain(`${file.fileId}.tmp`);
  const kept = (await store.partialSize(file.fileId)) ?? 0;
  expect(kept).toBeGreaterThan(0);
  expect(kept).toBeLessThan(bytes.length);
  expect(await store.stamp(file.fileId)).toBeUndefined();
}

describe('a full disk', () => {
  it('ends the transfer on both sides and keeps what fitted', async () => {
    const { folder, store } = await temporaryStore();
    await fillUp(withRoomFor(3 * MiB + 5, store), folder);
  });

  it('does so on a disk that is really full, and goes on when there is room', async ({ skip }) => {
    const small = await storeOnSmallDisk(8);
    if (!small) return skip('mounting a small file system needs root');
    const { folder, store } = small;
    await mkdir(folder);
    await rm(join(folder, 'ballast'), { force: true });
    execFileSync('dd', ['if=/dev/zero', `of=${join(folder, 'ballast')}`, 'bs=1M', 'count=4'], { stdio: 'ignore' });
    await fillUp(store, folder);
    await rm(join(folder, 'ballast'));

    const bytes = someBytes(6 * MiB);
    const file = announcedFile(bytes);
    const from = await temporaryStore();
    await put(from.store, file, bytes);
    await using pair = channelPair('data-transfer');
    const [, receiver] = await Promise.all([
      serve(file, { store: from.store, channel: pair.left }),
      receive(file, { store, digester, channel: pair.right }),
    ]);
    expect(receiver.outcome).toBe('complete');
    expect(receiver.started).toBeGreaterThan(0);
    const { digest } = await digester.identify(store.pathOf(file.fileId), { signal: patience() });
    expect(digest).toBe(sha3Of(bytes));
  });
});
