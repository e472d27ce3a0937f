import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { isSyncError } from '../../../../src/errors.ts';
import { createWorkerDigester } from '../../../../src/fetcher/digest/worker-digester-adapter.ts';
import { SILENCE_MS, TRANSFER_CHECKPOINT_BYTES, TRANSFER_MESSAGE_BYTES } from '../../../../src/limits.ts';
import { announcedFile, sha3Of, someBytes } from '../../../support/fetcher/announced-file.ts';
import {
  createStop,
  type PlayedSource,
  playSource,
  put,
  receive,
  serve,
  temporaryStore,
} from '../../../support/fetcher/transfer.ts';
import { channelPair } from '../../../support/net/channel-pair.ts';
import { patience } from '../../../support/time/patience.ts';
import { until } from '../../../support/time/until.ts';
import { createVirtualClock } from '../../../support/time/virtual-clock.ts';

const MiB = 1024 * 1024;
const digester = createWorkerDigester();
afterAll(() => digester[Symbol.asyncDispose]());

/** Moves bytes from one store to another; returns both ends and what lies there now. */
async function move(bytes: Uint8Array, { prefix = 0 } = {}) {
  const file = announcedFile(bytes);
  const [from, to] = [await temporaryStore(), await temporaryStore()];
  await put(from.store, file, bytes);
  if (prefix > 0) await writeFile(join(to.folder, `${file.fileId}.tmp`), bytes.subarray(0, prefix));
  await using pair = channelPair('data-transfer');
  const [source, receiver] = await Promise.all([
    serve(file, { store: from.store, channel: pair.left }),
    receive(file, { store: to.store, digester, channel: pair.right }),
  ]);
  return { source, receiver, files: await readdir(to.folder), at: to.store.pathOf(file.fileId) };
}

describe('a transfer', () => {
  it.each([
    ['nothing', 0],
    ['one byte', 1],
    ['exactly one message', TRANSFER_MESSAGE_BYTES],
    ['one byte less than a message', TRANSFER_MESSAGE_BYTES - 1],
    ['one byte more than a message', TRANSFER_MESSAGE_BYTES + 1],
    ['exactly one batch', TRANSFER_MESSAGE_BYTES * 4],
    ['a size that fits nothing', 5 * MiB + 12_345],
  ])('moves %s, and both sides know', async (_, length) => {
    const bytes = someBytes(length);
    const { source, receiver, files, at } = await move(bytes);
    expect(source).toMatchObject({ outcome: 'complete', bytes: length, started: 0 });
    expect(receiver).toMatchObject({ outcome: 'complete', bytes: length, started: 0 });
    expect(files).toEqual([at.split('/').at(-1)]);
    expect(sha3Of(await readFile(at))).toBe(sha3Of(bytes));
  });

  it('moves 64 MiB with checkpoints on the way', async () => {
    const bytes = someBytes(64 * MiB);
    const { receiver, at } = await move(bytes);
    expect(receiver.outcome).toBe('complete');
    expect(sha3Of(await readFile(at))).toBe(sha3Of(bytes));
    expect(receiver.checkpoints.length).toBeGreaterThan(0);
    expect(receiver.checkpoints[0]).toBeGreaterThanOrEqual(TRANSFER_CHECKPOINT_BYTES);
    expect(receiver.checkpoints).toEqual([...receiver.checkpoints].sort((a, b) => a - b));
    expect(receiver.progress.at(-1)).toBe(64 * MiB);
  });

  it('goes on from what lies in the partial file, wherever it ends', async () => {
    const bytes = someBytes(MiB + 77);
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: bytes.length }), async (prefix) => {
        const { source, receiver, at } = await move(bytes, { prefix });
        expect(source).toMatchObject({ outcome: 'complete', started: prefix });
        expect(receiver).toMatchObject({ outcome: 'complete', started: prefix });
        expect(sha3Of(await readFile(at))).toBe(sha3Of(bytes));
      }),
      { numRuns: 8 },
    );
  });

  it('throws a corrupt prefix away with all that came after it', async () => {
    const bytes = someBytes(2 * MiB);
    const file = announcedFile(bytes);
    const [from, to] = [await temporaryStore(), await temporaryStore()];
    await put(from.store, file, bytes);
    await writeFile(join(to.folder, `${file.fileId}.tmp`), new Uint8Array(MiB));
    await using pair = channelPair('data-transfer');
    const [source, receiver] = await Promise.all([
      serve(file, { store: from.store, channel: pair.left }),
      receive(file, { store: to.store, digester, channel: pair.right }),
    ]);
    expect([source.outcome, receiver.outcome]).toEqual(['interrupted', 'interrupted']);
    expect(receiver.mustStartOver).toBe(true);
    expect(await readdir(to.folder)).toEqual([]);
  });

  it.each([
    ['cancelled', 'closes the channel with it', { closed: 'cancelled' }],
    ['paused', 'closes the channel with it', { closed: 'paused' }],
    ['interrupted', 'says it last', { said: { say: 'cancel', reason: 'interrupted' } }],
  ] as const)('tells the receiver when the source is %s: it %s', async (reason, _, told) => {
    const bytes = someBytes(4 * MiB);
    const file = announcedFile(bytes);
    const { store } = await temporaryStore();
    await put(store, file, bytes);
    const stop = createStop();
    await using pair = channelPair('data-transfer', { windowBytes: TRANSFER_MESSAGE_BYTES });
    const receiver = playSource(pair.right);
    const serving = serve(file, { store, channel: pair.left, stop });
    await receiver.hear();
    await receiver.say({ say: 'go', ranges: [[0, file.totalSize]] });
    stop[reason].abort();
    const said = await receiver.hearOut();
    const { outcome } = await serving;
    const { reason: end } = pair.right.closed;
    const closed = isSyncError(end, 'CHANNEL_CLOSED') ? end.data.reason : undefined;
    expect({ said, closed }).toMatchObject(told);
    expect(outcome).toBe(reason === 'paused' ? 'paused-here' : reason);
  });

  it.each([
    ['cancelled', 'throws away'],
    ['interrupted', 'keeps'],
  ] as const)('tells the source when the receiver is %s, and %s what is here', async (reason, whatBecomes) => {
    const file = announcedFile(someBytes(4 * MiB));
    const { store, folder } = await temporaryStore();
    const stop = createStop();
    await using pair = channelPair('data-transfer');
    const source = playSource(pair.left);
    const receiving = receive(file, { store, digester, channel: pair.right, stop });
    await source.propose(file);
    await source.sendBytes(someBytes(MiB));
    await until(async () => (await store.partialSize(file.fileId)) === MiB);
    stop[reason].abort();
    expect(await source.hearOut()).toEqual({ say: 'cancel', reason });
    expect((await receiving).outcome).toBe(reason);
    expect(await readdir(folder)).toEqual(whatBecomes === 'keeps' ? [`${file.fileId}.tmp`] : []);
  });

  it('fails on the side whose own file is cut short while it is served', async () => {
    const bytes = someBytes(8 * MiB);
    const file = announcedFile(bytes);
    const [from, to] = [await temporaryStore(), await temporaryStore()];
    await put(from.store, file, bytes.subarray(0, MiB));
    await using pair = channelPair('data-transfer');
    const receiving = receive(file, { store: to.store, digester, channel: pair.right });
    await expect(serve(file, { store: from.store, channel: pair.left })).rejects.toMatchObject({ code: 'FILE_FAILED' });
    expect((await receiving).outcome).toBe('interrupted');
  });
});

describe('a receiver with a hostile source', () => {
  const bytes = someBytes(3 * TRANSFER_MESSAGE_BYTES);
  const file = announcedFile(bytes);

  /** Lets the test play the source; checks that nothing came under the file's name, or outside the folder. */
  async function against(play: (source: PlayedSource, pair: ReturnType<typeof channelPair>) => Promise<void>) {
    const { root, folder, store } = await temporaryStore();
    await using pair = channelPair('data-transfer');
    const source = playSource(pair.left);
    const receiving = receive(file, { store, digester, channel: pair.right });
    await play(source, pair);
    const lastWord = await source.hearOut();
    const received = await receiving;
    expect(await store.stamp(file.fileId)).toBeUndefined();
    expect(await readdir(root)).toEqual(['data']);
    return { received, lastWord, left: await readdir(folder) };
  }

  it('throws wrong bytes away', async () => {
    const { received, lastWord, left } = await against(async (source) => {
      await source.propose(file);
      await source.sendBytes(someBytes(bytes.length, 2));
      await source.say({ say: 'end' });
    });
    expect(received.outcome).toBe('wrong-digest');
    expect(lastWord).toEqual({ say: 'done', outcome: 'wrong-digest' });
    expect(left).toEqual([]);
  });

  it('ends at one byte too many', async () => {
    const { received, lastWord, left } = await against(async (source) => {
      await source.propose(file);
      await source.sendBytes(bytes);
      await source.sendBytes(new Uint8Array(1));
    });
    expect(received.outcome).toBe('wrong-size');
    expect(lastWord).toEqual({ say: 'done', outcome: 'wrong-size' });
    expect(left).toEqual([]);
  });

  it('does not let itself be filled up', async () => {
    const { received, left } = await against(async (source, pair) => {
      await source.propose(file);
      const flood = (async () => {
        for (;;) await source.sendBytes(new Uint8Array(TRANSFER_MESSAGE_BYTES));
      })();
      await expect(flood).rejects.toMatchObject({ code: 'CHANNEL_CLOSED' });
      pair.left.close();
    });
    expect(received).toMatchObject({ outcome: 'wrong-size', bytes: bytes.length });
    expect(left).toEqual([]);
  });

  it('does not take an end that comes too early', async () => {
    const { received } = await against(async (source) => {
      await source.propose(file);
      await source.sendBytes(bytes.subarray(0, 1000));
      await source.say({ say: 'end' });
    });
    expect(received.outcome).toBe('wrong-size');
  });

  it('keeps for a resume what an early close leaves', async () => {
    const { received, left } = await against(async (source, pair) => {
      await source.propose(file);
      await source.hear();
      await source.sendBytes(bytes.subarray(0, TRANSFER_MESSAGE_BYTES));
      await pair.left.end({ signal: patience() });
    });
    expect(received).toMatchObject({ outcome: 'interrupted', bytes: TRANSFER_MESSAGE_BYTES });
    expect(left).toEqual([`${file.fileId}.tmp`]);
  });

  it.each([
    ['garbage instead of a proposal', [Uint8Array.of(77, 1, 2)]],
    ['bytes instead of a proposal', [Uint8Array.of(1, 2, 3)]],
    ['half a statement', [Buffer.from('\0{"say":')]],
  ])('turns %s away', async (_, messages) => {
    const { received, left } = await against(async (source) => {
      for (const message of messages) await source.sendRaw(message);
    });
    expect(received.outcome).toBe('protocol-broken');
    expect(left).toEqual([]);
  });

  it.each([
    ['another file', announcedFile(bytes, 8)],
    ['another size', { ...file, totalSize: file.totalSize + 1 }],
    ['another digest', { ...file, digest: sha3Of(new Uint8Array(3)) }],
  ])('refuses %s', async (_, other) => {
    const { received, lastWord } = await against(async (source) => {
      await source.propose(other);
    });
    expect(received.outcome).toBe('protocol-broken');
    expect(lastWord).toEqual({ say: 'refuse', reason: 'wrong-proposal' });
  });

  it('takes nothing any more after a cancel', async () => {
    const { received, left } = await against(async (source) => {
      await source.propose(file);
      await source.sendBytes(bytes.subarray(0, 5000));
      await source.say({ say: 'cancel', reason: 'cancelled' });
      await source.sendBytes(bytes.subarray(5000));
      await source.say({ say: 'end' });
    });
    expect(received).toMatchObject({ outcome: 'cancelled', bytes: 5000 });
    expect(left).toEqual([`${file.fileId}.tmp`]);
  });

  it.each([
    ['cancelled', 'cancelled'],
    ['paused', 'paused-there'],
  ] as const)('hears that it was %s there although it takes bytes slowly', async (word, outcome) => {
    const { store } = await temporaryStore();
    await using pair = channelPair('data-transfer', { windowBytes: 1 });
    const clock = createVirtualClock();
    const source = playSource(pair.left);
    const receiving = receive(file, { store, digester, channel: pair.right, clock, bytesPerSecond: 1024 });
    await source.propose(file);
    expect(await source.hear()).toMatchObject({ say: 'go' });
    // Each is sent once the one before it was taken: the second one is being paid for when the third is under way.
    for (const start of [0, 2000, 4000]) await source.sendBytes(bytes.subarray(start, start + 2000));
    pair.left.close(word);
    expect(await receiving).toMatchObject({ outcome });
    expect(clock.now()).toBe(createVirtualClock().now());
  });

  it('gives up a source that stalls', async () => {
    const { store } = await temporaryStore();
    await using pair = channelPair('data-transfer');
    const clock = createVirtualClock();
    const source = playSource(pair.left);
    const receiving = receive(file, { store, digester, channel: pair.right, clock });
    await source.propose(file);
    expect(await source.hear()).toMatchObject({ say: 'go' });
    await source.sendBytes(bytes.subarray(0, 5000));
    await until(async () => (await store.partialSize(file.fileId)) === 5000);
    await clock.advance(SILENCE_MS + 2000);
    const lastWord = await source.hearOut();
    expect((await receiving).outcome).toBe('silent');
    expect(lastWord).toEqual({ say: 'cancel', reason: 'silent' });
    expect(await store.partialSize(file.fileId)).toBe(5000);
  });
});

describe('a source with a hostile receiver', () => {
  const bytes = someBytes(10_000);
  const file = announcedFile(bytes);

  async function against(play: (receiver: PlayedSource) => Promise<void>) {
    const { store } = await temporaryStore();
    await put(store, file, bytes);
    await using pair = channelPair('data-transfer');
    const receiver = playSource(pair.right);
    const serving = serve(file, { store, channel: pair.left });
    expect(await receiver.hear()).toMatchObject({ say: 'propose', totalSize: 10_000 });
    await play(receiver);
    const lastWord = await receiver.hearOut();
    return { served: await serving, lastWord };
  }

  it('sends nothing for ranges that are not of the file', async () => {
    const { served, lastWord } = await against((receiver) => receiver.say({ say: 'go', ranges: [[0, 10_001]] }));
    expect(served).toEqual({ outcome: 'protocol-broken', bytes: 0 });
    expect(lastWord).toEqual({ say: 'cancel', reason: 'protocol-broken' });
  });

  it('does not believe in a verification before it has sent everything', async () => {
    const { served } = await against((receiver) => receiver.say({ say: 'done', outcome: 'verified' }));
    expect(served.outcome).toBe('protocol-broken');
  });

  it('takes no bytes', async () => {
    const { served } = await against((receiver) => receiver.sendBytes(new Uint8Array(5)));
    expect(served.outcome).toBe('protocol-broken');
  });

  it('gives up one that never answers', async () => {
    const { store } = await temporaryStore();
    await put(store, file, bytes);
    await using pair = channelPair('data-transfer');
    const clock = createVirtualClock();
    const serving = serve(file, { store, channel: pair.left, clock });
    await playSource(pair.right).hear();
    await clock.advance(SILENCE_MS + 10_000);
    expect((await serving).outcome).toBe('silent');
  });
});
