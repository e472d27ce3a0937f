import { appendFile, open, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeClock } from '../../../../src/engine/node-ports-adapter.ts';
import type { JournalRecord } from '../../../../src/events/journal-record.ts';
import { chunkRootOf } from '../../../../src/fetcher/chunks/chunk-list.ts';
import type { ChunkLists } from '../../../../src/fetcher/chunks/chunk-lists.ts';
import { createWorkerChunkChecker } from '../../../../src/fetcher/chunks/worker-chunk-checker-adapter.ts';
import { createWorkerDigester } from '../../../../src/fetcher/digest/worker-digester-adapter.ts';
import type { FetcherOptions } from '../../../../src/fetcher/fetcher-options.ts';
import type { Pace } from '../../../../src/fetcher/pace/pace.ts';
import type { FileStamp } from '../../../../src/fetcher/ports.ts';
import type { Ranges } from '../../../../src/fetcher/ranges.ts';
import { CHUNK_BYTES_MIN, HASH_LAG_BYTES, SMALL_FILE_BYTES } from '../../../../src/limits.ts';
import { announcedFile, inChunks, sha3Of, sha256OfChunks, someBytes } from '../../../support/fetcher/announced-file.ts';
import { createFetcherNetwork, type FetcherDevice } from '../../../support/fetcher/fetcher-network.ts';
import { put } from '../../../support/fetcher/transfer.ts';
import { until } from '../../../support/time/until.ts';

const SIZE = CHUNK_BYTES_MIN;
const MiB = 1024 * 1024;
/** Files that are no longer come together with others, whether or not they have chunks. */
const BIG = SMALL_FILE_BYTES;
const digester = createWorkerDigester();
const checker = createWorkerChunkChecker();
afterAll(async () => void (await Promise.all([digester[Symbol.asyncDispose](), checker[Symbol.asyncDispose]()])));
const signal = new AbortController().signal;
/** Leaves out what is written down now and then on the way, as often as the machine is slow. */
const milestones = (journal: readonly JournalRecord[]) =>
  journal.map(({ kind }) => kind).filter((kind) => kind !== 'chunks-checked' && kind !== 'sub-transfer-progressed');

interface BobsOptions extends Partial<FetcherOptions> {
  /** Of the file. */
  readonly length?: number;
  /** Of a chunk. */
  readonly size?: number;
  /** A pace for each source. */
  sourcePace?(): Pace;
}

/** A file in chunks, bob who lacks it, and as many sources as are named, each with the right bytes. */
async function bobAnd(
  sources: readonly string[],
  { length = 40 * SIZE + 77, size = SIZE, sourcePace, ...bobs }: BobsOptions = {},
) {
  const bytes = someBytes(length);
  const file = inChunks(announcedFile(bytes), bytes, size);
  const network = createFetcherNetwork({ digester, clock: nodeClock });
  network.files.push(file);
  const bob = await network.join('b', { checker, ...bobs });
  const devices: FetcherDevice[] = [];
  for (const digit of sources) {
    // They know their bytes already, so that all of them begin at once.
    const pace = sourcePace?.();
    const paced = pace && { paceOf: () => pace };
    const device = await network.join(digit, { checker, ...paced, ...believing(() => stamp) });
    await put(device.store, file, bytes);
    const stamp = await device.store.stamp(file.fileId);
    devices.push(device);
  }
  return { bytes, file, network, bob, devices };
}

/** A device that takes whatever lies under the name for the right file. */
function believing(stamp: () => FileStamp | undefined): Pick<FetcherOptions, 'knownFile'> {
  return {
    knownFile() {
      const known = stamp();
      return known && { stamp: known, isComplete: true };
    },
  };
}

function createGate(): { readonly gate: Promise<void>; open(): void } {
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { gate, open };
}

/** Bytes may leave once the gate is open; `first` messages before that. */
function gated(gate: Promise<void>, { first = 0, onWaiting }: { first?: number; onWaiting?: () => void } = {}): Pace {
  let left = 0;
  return {
    async take() {
      left += 1;
      if (left <= first) return;
      if (left === first + 1) onWaiting?.();
      await gate;
    },
    isLimited: () => true,
    pieceBytes: () => Number.POSITIVE_INFINITY,
  };
}

/** A pace for each of so many sources: one message of each leaves first, and more only when those of all have left. */
function allTakePart(count: number): () => Pace {
  const { gate, open } = createGate();
  let waiting = 0;
  const onWaiting = () => {
    waiting += 1;
    if (waiting === count) open();
  };
  return () => gated(gate, { first: 1, onWaiting });
}

/** The right list, whatever the file under the name. */
function listing(bytes: Uint8Array): ChunkLists {
  const list = async () => sha256OfChunks(bytes, SIZE);
  return { of: list, kept: list, keep: async () => {}, forget: async () => {} };
}

describe('a file in chunks', () => {
  it.each([
    ['less than one chunk', BIG + 1, 2 * BIG],
    ['exactly one chunk', 2 * BIG, 2 * BIG],
    ['a chunk and one byte', 2 * BIG + 1, 2 * BIG],
    ['several chunks', 5 * SIZE, SIZE],
    ['many chunks and a rest', 133 * SIZE + 12_345, SIZE],
  ])('of %s comes from one source, and both journals tell how', async (_, length, size) => {
    const { file, bob, devices } = await bobAnd(['a'], { length, size });
    const [alice] = devices as [FetcherDevice];
    expect(await bob.fetcher.request(file, alice.self.device, { signal })).toEqual({ outcome: 'complete' });
    expect(sha3Of(await readFile(bob.store.pathOf(file.fileId)))).toBe(file.digest);
    expect(await readdir(bob.folder)).toEqual([file.fileId]);
    await alice.fetcher.close();
    const ended = { kind: 'sub-transfer-ended', outcome: 'complete', bytes: length };
    expect(alice.journal.at(-1)).toMatchObject({ ...ended, peer: bob.self.device, direction: 'serving' });
    expect(bob.journal.at(-1)).toMatchObject({ ...ended, peer: alice.self.device, direction: 'receiving' });
    expect(milestones(bob.journal)).toEqual([
      'file-requested',
      'sub-transfer-started',
      'file-verified',
      'sub-transfer-ended',
    ]);
    expect(bob.fileProgress.at(-1)).toMatchObject({ verified: length, inFlight: 0 });
    expect(bob.failures).toEqual([]);
  });

  it('comes from several sources at once, and no byte of it twice', async () => {
    const sourcePace = allTakePart(3);
    const { file, bob, devices } = await bobAnd(['a', 'c', 'd'], { length: 400 * SIZE, sourcePace });
    const outcomes = devices.map(({ self }) => bob.fetcher.request(file, self.device, { signal }));
    expect(await Promise.all(outcomes)).toEqual(devices.map(() => ({ outcome: 'complete' })));
    expect(sha3Of(await readFile(bob.store.pathOf(file.fileId)))).toBe(file.digest);
    const shares = bob.journal.flatMap((record) => (record.kind === 'sub-transfer-ended' ? [record.bytes] : []));
    expect(shares.length).toBe(3);
    for (const { told } of devices) {
      const steps = told.map((step) => step.bytes);
      expect(steps.toSorted((a, b) => a - b)).toEqual(steps);
    }
    expect(shares.reduce((sum, bytes) => sum + bytes, 0)).toBe(file.totalSize);
    expect(shares.every((bytes) => bytes > 0)).toBe(true);
    expect(milestones(bob.journal).filter((kind) => kind === 'file-verified').length).toBe(1);
  });

  it('beyond 4 GiB has its bytes in their places', async () => {
    const [size, hole] = [2 ** 20, 5 * 2 ** 30];
    const tail = someBytes(100_000);
    const chunkOfHole = sha256OfChunks(new Uint8Array(size), size);
    const hashes = Buffer.concat([...Array(hole / size).fill(chunkOfHole), sha256OfChunks(tail, size)]);
    const totalSize = hole + tail.length;
    const chunks = { size, root: chunkRootOf(totalSize, size, hashes) };
    const file = { ...announcedFile(tail), totalSize, chunks };
    const list = async () => hashes;
    const chunkLists: ChunkLists = { of: list, kept: list, keep: async () => {}, forget: async () => {} };
    const network = createFetcherNetwork({ digester, clock: nodeClock });
    network.files.push(file);
    const alice = await network.join('a', { checker, chunkLists, ...believing(() => stamp) });
    // Nobody hashes 5 GiB of nothing here: the digest is taken for right.
    const trusting = {
      follow: () => ({ advance() {}, digest: async () => file.digest, async [Symbol.asyncDispose]() {} }),
    };
    const checkedBytes = (): Ranges => [[0, hole]];
    const bob = await network.join('b', { checker, chunkLists, checkedBytes, digester: { ...digester, ...trusting } });
    for (const path of [alice.store.pathOf(file.fileId), `${bob.store.pathOf(file.fileId)}.tmp`]) {
      await writeFile(path, '');
      await truncate(path, hole);
    }
    await appendFile(alice.store.pathOf(file.fileId), tail);
    const stamp = await alice.store.stamp(file.fileId);

    expect(await bob.fetcher.request(file, alice.self.device, { signal })).toEqual({ outcome: 'complete' });
    const arrived = await open(bob.store.pathOf(file.fileId));
    const { buffer } = await arrived.read(Buffer.alloc(tail.length), 0, tail.length, hole);
    expect((await arrived.stat()).size).toBe(totalSize);
    await arrived.close();
    expect(sha3Of(buffer)).toBe(sha3Of(tail));
    expect(bob.journal.at(-1)).toMatchObject({ kind: 'sub-transfer-ended', outcome: 'complete', bytes: tail.length });
  });

  it('comes whole where the cores are few, and its bytes wait for the hash', async () => {
    const contended = { ...digester, isContended: true };
    const { file, bob, devices } = await bobAnd(['a'], {
      length: HASH_LAG_BYTES + 2 * MiB,
      size: MiB,
      digester: contended,
    });
    const [alice] = devices as [FetcherDevice];
    expect(await bob.fetcher.request(file, alice.self.device, { signal })).toEqual({ outcome: 'complete' });
    await bob.fetcher.close();
  });

  it('is taken on where it was left: only what is not checked is asked for again', async () => {
    let pause: (() => void) | undefined = () => bob.fetcher.pause(file);
    const { bytes, file, bob, devices } = await bobAnd(['a'], { length: 300 * SIZE, onFileProgress: () => pause?.() });
    const [alice] = devices as [FetcherDevice];
    expect(await bob.fetcher.request(file, alice.self.device, { signal })).toEqual({ outcome: 'paused-here' });
    pause = undefined;
    const told = bob.journal.findLast(({ kind }) => kind === 'chunks-checked');
    const ranges = told?.kind === 'chunks-checked' ? told.ranges : [];
    const here = ranges.reduce((sum, [start, end]) => sum + end - start, 0);
    expect(here).toBeGreaterThan(0);
    expect(here).toBeLessThan(bytes.length);
    expect(await bob.fetcher.request(file, alice.self.device, { signal })).toEqual({ outcome: 'complete' });
    expect(bob.journal.at(-1)).toMatchObject({ kind: 'sub-transfer-ended', bytes: bytes.length - here });
    await alice.fetcher.close();
    const resumed = alice.journal.findLast(({ kind }) => kind === 'sub-transfer-started');
    expect(resumed, 'what bob has of it already').toMatchObject({ direction: 'serving', start: here });
    expect(alice.told.at(-1)?.bytes).toBeGreaterThanOrEqual(here);
    expect(alice.journal.at(-1)).toMatchObject({ kind: 'sub-transfer-ended', bytes: bytes.length });
    expect(sha3Of(await readFile(bob.store.pathOf(file.fileId)))).toBe(file.digest);
  });

  it('that went bad on the disk between two tries costs only the bad chunks', async () => {
    const { bytes, file, bob, devices } = await bobAnd(['a'], { length: 300 * SIZE });
    const [alice] = devices as [FetcherDevice];
    const partial = await bob.store.openPartial(file.fileId);
    await partial.write([bytes.subarray(0, 200 * SIZE)], 0);
    await partial.write([new Uint8Array(10)], 50 * SIZE);
    await partial[Symbol.asyncDispose]();
    const { conversation, interaction, fileId } = file;
    const ranges: [number, number][] = [[0, 200 * SIZE]];
    (bob.journal as JournalRecord[]).push({ kind: 'chunks-checked', conversation, interaction, fileId, ranges, at: 1 });
    expect(await bob.fetcher.request(file, alice.self.device, { signal })).toEqual({ outcome: 'complete' });
    expect(bob.journal.at(-1)).toMatchObject({ kind: 'sub-transfer-ended', bytes: 101 * SIZE });
    expect(sha3Of(await readFile(bob.store.pathOf(file.fileId)))).toBe(file.digest);
  });

  it('drops a source that sends wrong chunks, and takes all from the others', async () => {
    const { gate, open } = createGate();
    const sourcePace = () => gated(gate);
    const { bytes, file, network, bob, devices } = await bobAnd(['a'], { length: 200 * SIZE, sourcePace });
    const [alice] = devices as [FetcherDevice];
    const mallory = await network.join('e', { checker, ...believing(() => stamp), chunkLists: listing(bytes) });
    await put(mallory.store, file, new Uint8Array(bytes.length));
    const stamp = await mallory.store.stamp(file.fileId);
    const requests = [mallory, alice].map(({ self }) => bob.fetcher.request(file, self.device, { signal }));
    // Alice waits until mallory has been heard, however slow he is.
    await until(() => bob.journal.some(({ kind }) => kind === 'sub-transfer-ended'));
    open();
    expect(await Promise.all(requests)).toEqual([{ outcome: 'wrong-chunk' }, { outcome: 'complete' }]);
    expect(sha3Of(await readFile(bob.store.pathOf(file.fileId)))).toBe(file.digest);
  });

  it('whose announced root is not its own comes as a file without chunks', async () => {
    const { bytes, file: honest, network, bob, devices } = await bobAnd(['a', 'c'], { length: 40 * SIZE + 77 });
    const file = inChunks(honest, someBytes(bytes.length, 2), SIZE);
    network.files.splice(0, 1, file);
    await writeFile(join(bob.folder, `${file.fileId}.tmp`), someBytes(10 * SIZE, 3));
    const outcomes = devices.map(({ self }) => bob.fetcher.request(file, self.device, { signal }));
    expect(await Promise.all(outcomes)).toEqual([{ outcome: 'complete' }, { outcome: 'complete' }]);
    expect(sha3Of(await readFile(bob.store.pathOf(file.fileId)))).toBe(file.digest);
    expect(await readdir(bob.folder)).toEqual([file.fileId]);
    expect([bob, ...devices].flatMap(({ failures }) => failures)).toEqual([]);
    const moved = bob.journal.flatMap((record) =>
      record.kind === 'sub-transfer-ended' && record.outcome !== 'refused' ? [record.outcome] : [],
    );
    expect(moved).toEqual(['complete']);
  });

  it('leaves nothing when it is cancelled', async () => {
    const onFileProgress = () => bob.fetcher.cancel(file);
    const { file, bob, devices } = await bobAnd(['a', 'c'], { length: 300 * SIZE, onFileProgress });
    const requests = devices.map(({ self }) => bob.fetcher.request(file, self.device, { signal }));
    expect(await Promise.all(requests)).toEqual([{ outcome: 'cancelled' }, { outcome: 'cancelled' }]);
    await bob.fetcher.close();
    expect(await readdir(bob.folder)).toEqual([]);
  });

  it('whose announced digest is wrong fails as a whole, and leaves nothing', async () => {
    const { bytes, file: right, network, bob } = await bobAnd([]);
    const file = { ...right, digest: sha3Of(new Uint8Array(3)) };
    network.files.splice(0, 1, file);
    const liar = await network.join('e', { checker, ...believing(() => stamp) });
    await put(liar.store, file, bytes);
    const stamp = await liar.store.stamp(file.fileId);
    expect(await bob.fetcher.request(file, liar.self.device, { signal })).toEqual({ outcome: 'wrong-digest' });
    expect(await readdir(bob.folder)).toEqual([]);
  });
});

describe('a reader', () => {
  async function read(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
    const all: Uint8Array[] = [];
    for await (const bytes of stream) all.push(bytes);
    return Buffer.concat(all);
  }

  it('gets any stretch of a file that is here', async () => {
    const { bytes, file, devices } = await bobAnd(['a']);
    const [alice] = devices as [FetcherDevice];
    const stream = alice.fetcher.read(file, { start: 5, end: 3 * SIZE + 1, signal, onLacking: async () => {} });
    expect(Buffer.compare(await read(stream), bytes.subarray(5, 3 * SIZE + 1))).toBe(0);
  });

  it('asks for a file that is not here, and gets its bytes as they come', async () => {
    const { bytes, file, bob, devices } = await bobAnd(['a'], { length: 200 * SIZE + 3 });
    const [alice] = devices as [FetcherDevice];
    let asked = 0;
    const onLacking = async () => {
      asked += 1;
      void bob.fetcher.request(file, alice.self.device, { signal });
    };
    const stream = bob.fetcher.read(file, { start: 150 * SIZE, signal, onLacking });
    expect(Buffer.compare(await read(stream), bytes.subarray(150 * SIZE))).toBe(0);
    expect(asked).toBe(1);
    await bob.fetcher.close();
  });

  it('gets all of a file where the cores are few, and the hash waits for the reader', async () => {
    const contended = { ...digester, isContended: true };
    const { bytes, file, bob, devices } = await bobAnd(['a'], { digester: contended });
    const [alice] = devices as [FetcherDevice];
    let asked: Promise<unknown> | undefined;
    const onLacking = async () => {
      asked = bob.fetcher.request(file, alice.self.device, { signal });
    };
    const stream = bob.fetcher.read(file, { signal, onLacking });
    expect(Buffer.compare(await read(stream), bytes)).toBe(0);
    expect(await asked).toEqual({ outcome: 'complete' });
    await bob.fetcher.close();
  });

  it('stops when it is told to', async () => {
    const { file, bob } = await bobAnd([]);
    const stop = new AbortController();
    const onLacking = async () => stop.abort(new Error('enough'));
    const stream = bob.fetcher.read(file, { signal: stop.signal, onLacking });
    await expect(read(stream)).rejects.toThrow('enough');
  });
});
