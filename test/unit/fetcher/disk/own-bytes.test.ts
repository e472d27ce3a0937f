import { rename, utimes, writeFile } from 'node:fs/promises';
import { afterAll, describe, expect, it } from 'vitest';
import type { JournalRecord } from '../../../../src/events/journal-record.ts';
import { createWorkerDigester } from '../../../../src/fetcher/digest/worker-digester-adapter.ts';
import { createOwnBytesCheck } from '../../../../src/fetcher/disk/own-bytes.ts';
import type { Digester, FileStamp } from '../../../../src/fetcher/ports.ts';
import { announcedFile, someBytes } from '../../../support/fetcher/announced-file.ts';
import { put, temporaryStore } from '../../../support/fetcher/transfer.ts';
import { createVirtualClock } from '../../../support/time/virtual-clock.ts';

const worker = createWorkerDigester();
afterAll(() => worker[Symbol.asyncDispose]());
const signal = new AbortController().signal;
const bytes = someBytes(5000);
const file = announcedFile(bytes);

/** A check over a fresh store, which counts how often a file is hashed. */
async function checkWith(known?: FileStamp, isRight = true) {
  const { store } = await temporaryStore();
  const notes: JournalRecord[] = [];
  const counted = { hashes: 0 };
  const digester: Digester = {
    ...worker,
    identify(path, options) {
      counted.hashes += 1;
      return worker.identify(path, options);
    },
  };
  const check = createOwnBytesCheck({
    ...{ digester, clock: createVirtualClock() },
    storeOf: () => store,
    knownFile: () => known && { stamp: known, isComplete: isRight },
    note: (record) => notes.push(record),
  });
  return { store, check, notes, counted };
}

describe('the check of own bytes', () => {
  it('says that there are none', async () => {
    const { check } = await checkWith();
    expect(await check.open(file, { signal })).toEqual({ are: 'missing' });
  });

  it('hashes a file once, however often and at how many places it is asked for', async () => {
    const { check, store, notes, counted } = await checkWith();
    await put(store, file, bytes);
    const asked = [1, 2, 3].map(() => check.areRight(file, { signal }));
    expect(await Promise.all(asked)).toEqual([true, true, true]);
    expect(await check.areRight(file, { signal })).toBe(true);
    expect(counted.hashes).toBe(1);
    expect(notes).toEqual([expect.objectContaining({ kind: 'file-verified', size: 5000, fileId: file.fileId })]);
  });

  it('hashes a wrong file once as well, and notes that it is corrupt', async () => {
    const { check, store, notes, counted } = await checkWith();
    await put(store, file, someBytes(5000, 2));
    expect(await check.open(file, { signal })).toEqual({ are: 'wrong' });
    expect(await check.open(file, { signal })).toEqual({ are: 'wrong' });
    expect(counted.hashes).toBe(1);
    expect(notes).toEqual([expect.objectContaining({ kind: 'file-found-lacking', state: 'corrupt' })]);
  });

  it('does not hash a file of another size', async () => {
    const { check, store, notes, counted } = await checkWith();
    await put(store, file, bytes.subarray(1));
    expect(await check.areRight(file, { signal })).toBe(false);
    expect(counted.hashes).toBe(0);
    expect(notes).toEqual([expect.objectContaining({ kind: 'file-found-lacking', state: 'partial' })]);
  });

  it('trusts the stamp that the journal has, and no other', async () => {
    const { store } = await temporaryStore();
    await put(store, file, bytes);
    const known = await store.stamp(file.fileId);
    const { check, counted, store: fresh } = await checkWith(known);
    await rename(store.pathOf(file.fileId), fresh.pathOf(file.fileId));
    expect(await check.areRight(file, { signal })).toBe(true);
    expect(counted.hashes).toBe(0);
    await utimes(fresh.pathOf(file.fileId), 1, 1);
    expect(await check.areRight(file, { signal })).toBe(true);
    expect(counted.hashes).toBe(1);
  });

  it('trusts the journal that a file is wrong as long as it looks the same', async () => {
    const { store } = await temporaryStore();
    await put(store, file, someBytes(5000, 2));
    const known = await store.stamp(file.fileId);
    const { check, counted, notes, store: fresh } = await checkWith(known, false);
    await rename(store.pathOf(file.fileId), fresh.pathOf(file.fileId));
    expect(await check.areRight(file, { signal })).toBe(false);
    expect(counted.hashes).toBe(0);
    expect(notes).toEqual([]);
  });

  it('notices that a file was tampered with after it had been verified', async () => {
    const { check, store } = await checkWith();
    await put(store, file, bytes);
    expect(await check.areRight(file, { signal })).toBe(true);
    await writeFile(store.pathOf(file.fileId), someBytes(5000, 3));
    expect(await check.areRight(file, { signal })).toBe(false);
  });
});
