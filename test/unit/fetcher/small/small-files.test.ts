import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeClock } from '../../../../src/engine/node-ports-adapter.ts';
import { SyncError } from '../../../../src/errors.ts';
import { createWorkerDigester } from '../../../../src/fetcher/digest/worker-digester-adapter.ts';
import type { FetcherOptions } from '../../../../src/fetcher/fetcher-options.ts';
import { batchChannelName } from '../../../../src/fetcher/small/batch-channel.ts';
import { createWorkerBatchDisk } from '../../../../src/fetcher/small/worker-batch-disk-adapter.ts';
import type { Channel } from '../../../../src/ports.ts';
import { announcedFile, sha3Of, someBytes } from '../../../support/fetcher/announced-file.ts';
import { createFetcherNetwork } from '../../../support/fetcher/fetcher-network.ts';
import { put } from '../../../support/fetcher/transfer.ts';
import { channelPair } from '../../../support/net/channel-pair.ts';

const digester = createWorkerDigester();
const batchDisk = createWorkerBatchDisk();
afterAll(() => Promise.all([digester[Symbol.asyncDispose](), batchDisk[Symbol.asyncDispose]()]));
const signal = new AbortController().signal;

const COUNT = 300;
const all = Array.from({ length: COUNT }, (_, place) => {
  // The helper pads the id with the digit e: numbers of one length give different ids.
  const tid = 0x1000 + place;
  const bytes = someBytes(1 + ((tid * 977) % 9000), tid + 1);
  return { bytes, file: announcedFile(bytes, tid) };
});

async function firstMessage(channel: Channel): Promise<Uint8Array | undefined> {
  for await (const message of channel.messages({ signal })) return message;
  return undefined;
}

/** Alice has all files, bob has none. */
async function aliceAndBob(options: Partial<FetcherOptions> = {}) {
  const network = createFetcherNetwork({ digester, clock: nodeClock });
  const [alice, bob] = [await network.join('a', { batchDisk }), await network.join('b', { batchDisk, ...options })];
  network.files.push(...all.map(({ file }) => file));
  for (const { file, bytes } of all) await put(alice.store, file, bytes);
  const request = () => Promise.all(all.map(({ file }) => bob.fetcher.request(file, alice.self.device, { signal })));
  return { network, alice, bob, request };
}

describe('many small files', () => {
  it('come over one channel, without a request for each, and both journals tell of each', async () => {
    const { network, alice, bob, request } = await aliceAndBob();
    const outcomes = await request();
    await Promise.all([alice.fetcher.close(), bob.fetcher.close()]);

    expect(new Set(outcomes.map(({ outcome }) => outcome))).toEqual(new Set(['complete']));
    expect(network.messages).toEqual([]);
    for (const { file } of all) expect(sha3Of(await readFile(bob.store.pathOf(file.fileId)))).toBe(file.digest);
    expect((await readdir(bob.folder)).length).toBe(COUNT);
    const ended = (journal: typeof bob.journal) =>
      journal.filter((record) => record.kind === 'sub-transfer-ended' && record.outcome === 'complete').length;
    expect([ended(alice.journal), ended(bob.journal)]).toEqual([COUNT, COUNT]);
    expect(bob.journal.filter(({ kind }) => kind === 'file-verified').length).toBe(COUNT);
  });

  it('cost only themselves when they are wrong, or not there', async () => {
    const { alice, bob, request } = await aliceAndBob();
    const [wrong, gone] = [all[3], all[5]];
    if (!wrong || !gone) throw new TypeError('The test has too few files.');
    await writeFile(alice.store.pathOf(wrong.file.fileId), someBytes(wrong.bytes.length, 99));
    await writeFile(join(alice.folder, `${gone.file.fileId}`), new Uint8Array(0));
    const outcomes = await request();
    expect(outcomes[3]).toEqual({ outcome: 'declined', reason: 'digest-mismatch' });
    expect(outcomes[5]).toEqual({ outcome: 'declined', reason: 'digest-mismatch' });
    expect(outcomes.filter(({ outcome }) => outcome === 'complete').length).toBe(COUNT - 2);
    expect((await readdir(bob.folder)).length).toBe(COUNT - 2);
  });

  it('are not given to a device that is no member', async () => {
    const { network, bob, request } = await aliceAndBob();
    network.members.delete(bob.self.device);
    expect(new Set((await request()).map((one) => JSON.stringify(one)))).toEqual(
      new Set([JSON.stringify({ outcome: 'declined', reason: 'not-a-member' })]),
    );
    expect(await readdir(bob.folder)).toEqual([]);
  });

  it('are not taken from a device that has ceased to be a member meanwhile', async () => {
    const { network, alice, bob, request } = await aliceAndBob({
      batchDisk: {
        ...batchDisk,
        place: async (files) => {
          network.members.delete(alice.self.device);
          return await batchDisk.place(files);
        },
      },
    });
    const outcomes = (await request()).map(({ outcome }) => outcome);
    // What the first batch brought had been allowed; it is more than one batch that comes.
    expect(outcomes.filter((outcome) => outcome === 'complete').length).toBeLessThan(COUNT);
    expect(outcomes.filter((outcome) => outcome !== 'complete')).not.toEqual([]);
    expect((await readdir(bob.folder)).every((name) => !name.endsWith('.tmp'))).toBe(true);
  });

  it('are got one by one from a device that knows no such channel', async () => {
    const { network, alice, bob } = await aliceAndBob();
    const [{ file } = { file: announcedFile(new Uint8Array(1)) }] = all;
    const plain = await network.join('d', {
      batchDisk,
      openChannel: async (_, name) => {
        throw new SyncError('CHANNEL_DECLINED', { channel: name, reason: 'unknown-channel' });
      },
    });
    expect(await plain.fetcher.request(file, alice.self.device, { signal })).toEqual({ outcome: 'complete' });
    expect(network.messages.length).toBe(1);
    expect(await readdir(bob.folder)).toEqual([]);
  });

  it('stop when the user cancels one, which costs no other', async () => {
    const { bob, request } = await aliceAndBob();
    const running = request();
    const cancelled = all.at(-1)?.file;
    if (!cancelled) throw new TypeError('The test has no file.');
    bob.fetcher.cancel(cancelled);
    const outcomes = await running;
    expect(outcomes.at(-1)).toEqual({ outcome: 'cancelled' });
    expect(outcomes.filter(({ outcome }) => outcome === 'complete').length).toBe(COUNT - 1);
    expect((await readdir(bob.folder)).length).toBe(COUNT - 1);
  });
});

describe('a hostile source', () => {
  it.each([
    ['more than was asked', Buffer.concat([Buffer.of(1), Buffer.alloc(20, 9), Buffer.of(0, 0, 0, 1), Buffer.of(7)])],
    ['nonsense', Buffer.from('\x07nonsense')],
    ['what only a receiver says', Buffer.from('\0{"say":"done","files":[]}')],
  ])('that sends %s loses the channel, and nothing of it is kept', async (_, message) => {
    const network = createFetcherNetwork({ digester, clock: nodeClock });
    const alice = await network.join('a');
    const pair = channelPair(batchChannelName(alice.self.device), { rightPeer: alice.self });
    const bob = await network.join('b', { batchDisk, openChannel: async () => pair.left });
    const [{ file } = { file: announcedFile(new Uint8Array(1)) }] = all;
    network.files.push(file);
    const asked = bob.fetcher.request(file, alice.self.device, { signal });
    await firstMessage(pair.right);
    await pair.right.send(message);
    expect(await asked).toEqual({ outcome: 'protocol-broken' });
    await expect(pair.right.send(message)).rejects.toMatchObject({ code: 'CHANNEL_CLOSED' });
    expect(await readdir(bob.folder)).toEqual([]);
  });

  it('that sends wrong bytes is remembered for that file', async () => {
    const network = createFetcherNetwork({ digester, clock: nodeClock });
    const alice = await network.join('a');
    const pair = channelPair(batchChannelName(alice.self.device), { rightPeer: alice.self });
    const bob = await network.join('b', { batchDisk, openChannel: async () => pair.left });
    const bytes = someBytes(5);
    const file = announcedFile(bytes, 3);
    network.files.push(file);
    const asked = bob.fetcher.request(file, alice.self.device, { signal });
    await firstMessage(pair.right);
    const header = Buffer.concat([Buffer.of(1), Buffer.from(file.interaction, 'hex'), Buffer.of(0, 0, 0, 5)]);
    await pair.right.send(Buffer.concat([header, Buffer.alloc(5)]));
    expect(await asked).toEqual({ outcome: 'wrong-digest' });
    expect(bob.journal.at(-1)).toMatchObject({ kind: 'sub-transfer-ended', outcome: 'wrong-digest' });
    expect(await readdir(bob.folder)).toEqual([]);
  });
});
