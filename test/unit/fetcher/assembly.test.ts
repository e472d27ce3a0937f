import { readdir, readFile } from 'node:fs/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeClock } from '../../../src/engine/node-ports-adapter.ts';
import type { JournalRecord } from '../../../src/events/journal-record.ts';
import { createWorkerChunkChecker } from '../../../src/fetcher/chunks/worker-chunk-checker-adapter.ts';
import { createWorkerDigester } from '../../../src/fetcher/digest/worker-digester-adapter.ts';
import { CHUNK_BYTES_MIN } from '../../../src/limits.ts';
import { announcedFile, inChunks, sha3Of, someBytes } from '../../support/announced-file.ts';
import { createFetcherNetwork, type FetcherDevice } from '../../support/fetcher-network.ts';
import { put } from '../../support/transfer.ts';

const SIZE = CHUNK_BYTES_MIN;
const digester = createWorkerDigester();
const checker = createWorkerChunkChecker();
afterAll(async () => void (await Promise.all([digester[Symbol.asyncDispose](), checker[Symbol.asyncDispose]()])));
const signal = new AbortController().signal;
const kinds = (journal: readonly JournalRecord[]) => journal.map(({ kind }) => kind);

/** A file in chunks, bob who lacks it, and as many sources as are named, each with the right bytes. */
async function bobAnd(sources: readonly string[], { length = 40 * SIZE + 77, clock = nodeClock } = {}) {
  const bytes = someBytes(length);
  const file = inChunks(announcedFile(bytes), bytes, SIZE);
  const network = createFetcherNetwork({ digester, clock });
  network.files.push(file);
  const bob = await network.join('b', { checker });
  const devices: FetcherDevice[] = [];
  for (const digit of sources) {
    const device = await network.join(digit, { checker });
    await put(device.store, file, bytes);
    devices.push(device);
  }
  return { bytes, file, network, bob, devices };
}

describe('a file in chunks', () => {
  it.each([
    ['one byte', 1],
    ['exactly one chunk', SIZE],
    ['a chunk and one byte', SIZE + 1],
    ['several chunks', 5 * SIZE],
    ['many chunks and a rest', 133 * SIZE + 12_345],
  ])('of %s comes from one source, and both journals tell how', async (_, length) => {
    const { file, bob, devices } = await bobAnd(['a'], { length });
    const [alice] = devices as [FetcherDevice];
    expect(await bob.fetcher.request(file, alice.self.device, { signal })).toEqual({ outcome: 'complete' });
    expect(sha3Of(await readFile(bob.store.pathOf(file.fileId)))).toBe(file.digest);
    expect(await readdir(bob.folder)).toEqual([file.fileId]);
    await alice.fetcher.close();
    const ended = { kind: 'sub-transfer-ended', outcome: 'complete', bytes: length };
    expect(alice.journal.at(-1)).toMatchObject({ ...ended, peer: bob.self.device, direction: 'serving' });
    expect(bob.journal.at(-1)).toMatchObject({ ...ended, peer: alice.self.device, direction: 'receiving' });
    expect(kinds(bob.journal)).toEqual([
      'file-requested',
      'sub-transfer-started',
      'chunks-checked',
      'file-verified',
      'sub-transfer-ended',
    ]);
    expect(bob.fileProgress.at(-1)).toMatchObject({ verified: length, inFlight: 0 });
    expect(bob.failures).toEqual([]);
  });

  it('comes from several sources at once, and no byte of it twice', async () => {
    const { file, bob, devices } = await bobAnd(['a', 'c', 'd'], { length: 700 * SIZE });
    const outcomes = devices.map(({ self }) => bob.fetcher.request(file, self.device, { signal }));
    expect(await Promise.all(outcomes)).toEqual(devices.map(() => ({ outcome: 'complete' })));
    expect(sha3Of(await readFile(bob.store.pathOf(file.fileId)))).toBe(file.digest);
    const shares = bob.journal.flatMap((record) => (record.kind === 'sub-transfer-ended' ? [record.bytes] : []));
    expect(shares.length).toBe(3);
    expect(shares.reduce((sum, bytes) => sum + bytes, 0)).toBe(file.totalSize);
    expect(shares.filter((bytes) => bytes > 0).length).toBeGreaterThan(1);
    expect(kinds(bob.journal).filter((kind) => kind === 'file-verified').length).toBe(1);
  });
});
