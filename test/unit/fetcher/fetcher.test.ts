import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeClock } from '../../../src/engine/node-ports-adapter.ts';
import type { JournalRecord } from '../../../src/events/journal-record.ts';
import { createWorkerDigester } from '../../../src/fetcher/digest/worker-digester-adapter.ts';
import type { FileStamp } from '../../../src/fetcher/ports.ts';
import { transferChannelName } from '../../../src/fetcher/transfer/transfer-channel.ts';
import { REQUEST_ANSWER_MS, REQUESTS_PER_MINUTE, SMALL_FILE_BYTES, TRANSFERS_AT_ONCE } from '../../../src/limits.ts';
import type { PeerIdentity } from '../../../src/ports.ts';
import { announcedFile, sha3Of, someBytes } from '../../support/fetcher/announced-file.ts';
import { createFetcherNetwork, type FetcherDevice } from '../../support/fetcher/fetcher-network.ts';
import { playSource, put } from '../../support/fetcher/transfer.ts';
import { channelPair, somePeer } from '../../support/net/channel-pair.ts';
import { until } from '../../support/time/until.ts';
import { createVirtualClock } from '../../support/time/virtual-clock.ts';

const digester = createWorkerDigester();
afterAll(() => digester[Symbol.asyncDispose]());
const signal = new AbortController().signal;
const bytes = someBytes(700_000);
const file = announcedFile(bytes);
const kinds = (journal: readonly JournalRecord[]) => journal.map(({ kind }) => kind);

/** Alice has the file, bob has not. */
async function aliceAndBob({ clock = nodeClock } = {}) {
  const network = createFetcherNetwork({ digester, clock });
  const [alice, bob] = [await network.join('a'), await network.join('b')];
  network.files.push(file);
  await put(alice.store, file, bytes);
  return { network, alice, bob };
}

describe('a request', () => {
  it('gets the file, verified, and both journals tell how', async () => {
    const { alice, bob } = await aliceAndBob();
    expect(await bob.fetcher.request(file, alice.self.device, { signal })).toEqual({ outcome: 'complete' });
    await alice.fetcher.close();
    expect(sha3Of(await readFile(bob.store.pathOf(file.fileId)))).toBe(file.digest);
    expect(kinds(bob.journal)).toEqual([
      'file-requested',
      'sub-transfer-started',
      'file-verified',
      'sub-transfer-ended',
    ]);
    expect(bob.journal.at(-1)).toMatchObject({ peer: alice.self.device, direction: 'receiving', outcome: 'complete' });
    expect(bob.journal[2]).toMatchObject((await bob.store.stamp(file.fileId)) ?? {});
    expect(kinds(alice.journal)).toEqual(['file-verified', 'sub-transfer-started', 'sub-transfer-ended']);
    expect(alice.journal.at(-1)).toMatchObject({ peer: bob.self.device, direction: 'serving', outcome: 'complete' });
  });

  it('shows progress on both sides that never goes backwards and ends with the whole file', async () => {
    const { alice, bob } = await aliceAndBob();
    await bob.fetcher.request(file, alice.self.device, { signal });
    await alice.fetcher.close();
    for (const { progress } of [alice, bob]) {
      const shown = progress.map((step) => step.bytes);
      expect(shown).toEqual([...shown].sort((a, b) => a - b));
      expect(shown.at(-1)).toBe(file.totalSize);
    }
  });

  it('is one request when it is made twice', async () => {
    const { network, alice, bob } = await aliceAndBob();
    const both = [1, 2].map(() => bob.fetcher.request(file, alice.self.device, { signal }));
    expect(await Promise.all(both)).toEqual([{ outcome: 'complete' }, { outcome: 'complete' }]);
    expect(network.messages.length).toBe(1);
  });

  it('to a second device waits for the first, and asks nobody when that brought the file', async () => {
    const { network, alice, bob } = await aliceAndBob();
    const carol = await network.join('c');
    await put(carol.store, file, bytes);
    const outcomes = [alice, carol].map(({ self }) => bob.fetcher.request(file, self.device, { signal }));
    expect(await Promise.all(outcomes)).toEqual([{ outcome: 'complete' }, { outcome: 'complete' }]);
    expect(network.messages.map(({ to }) => to)).toEqual([alice.self.device]);
  });

  it('asks nobody for a file whose bytes are all here but for the rename', async () => {
    const { network, alice, bob } = await aliceAndBob();
    await writeFile(join(bob.folder, `${file.fileId}.tmp`), bytes);
    expect(await bob.fetcher.request(file, alice.self.device, { signal })).toEqual({ outcome: 'complete' });
    expect(network.messages).toEqual([]);
    expect(kinds(bob.journal)).toEqual(['file-verified']);
  });

  it('asks nobody for an empty file', async () => {
    const { network, alice, bob } = await aliceAndBob();
    const empty = announcedFile(new Uint8Array(0), 9);
    expect(await bob.fetcher.request(empty, alice.self.device, { signal })).toEqual({ outcome: 'complete' });
    expect(network.messages).toEqual([]);
    expect((await bob.store.stamp(empty.fileId))?.size).toBe(0);
  });

  it('throws away a partial file that is wrong or too long, and asks', async () => {
    for (const wrong of [someBytes(bytes.length, 5), someBytes(bytes.length + 1)]) {
      const { network, alice, bob } = await aliceAndBob();
      await writeFile(join(bob.folder, `${file.fileId}.tmp`), wrong);
      expect(await bob.fetcher.request(file, alice.self.device, { signal })).toEqual({ outcome: 'complete' });
      expect(network.messages.length).toBe(1);
      expect(await readdir(bob.folder)).toEqual([file.fileId]);
    }
  });

  it('starts over at once, and blames nobody, when what it went on from was wrong', async () => {
    const { alice, bob } = await aliceAndBob();
    await writeFile(join(bob.folder, `${file.fileId}.tmp`), new Uint8Array(300_000));
    expect(await bob.fetcher.request(file, alice.self.device, { signal })).toEqual({ outcome: 'complete' });
    expect(sha3Of(await readFile(bob.store.pathOf(file.fileId)))).toBe(file.digest);
    const tries = bob.journal.flatMap((record): readonly unknown[] => {
      if (record.kind === 'sub-transfer-started') return [record.start];
      return record.kind === 'sub-transfer-ended' ? [record.outcome] : [];
    });
    expect(tries).toEqual([300_000, 'interrupted', 0, 'complete']);
  });

  it('blames a source that sends wrong bytes from the first one on', async () => {
    const { network, bob } = await aliceAndBob();
    let known: FileStamp | undefined;
    const knownFile = () => known && { stamp: known, isComplete: true };
    const mallory = await network.join('e', { knownFile });
    await put(mallory.store, file, new Uint8Array(bytes.length));
    known = await mallory.store.stamp(file.fileId);
    await writeFile(join(bob.folder, `${file.fileId}.tmp`), bytes.subarray(0, 300_000));
    expect(await bob.fetcher.request(file, mallory.self.device, { signal })).toEqual({ outcome: 'wrong-digest' });
    expect(bob.journal.filter(({ kind }) => kind === 'sub-transfer-ended')).toMatchObject([
      { outcome: 'interrupted' },
      { outcome: 'wrong-digest' },
    ]);
    expect(await readdir(bob.folder)).toEqual([]);
  });

  it('replaces a corrupt file only by the verified one', async () => {
    const { alice, bob } = await aliceAndBob();
    await put(bob.store, file, someBytes(bytes.length, 6));
    expect(await bob.fetcher.request(file, alice.self.device, { signal })).toEqual({ outcome: 'complete' });
    expect(sha3Of(await readFile(bob.store.pathOf(file.fileId)))).toBe(file.digest);
  });

  it.each([
    ['has-not', async () => {}],
    ['digest-mismatch', (path: string) => writeFile(path, someBytes(bytes.length, 4))],
  ] as const)('is declined with %s by a device whose own bytes are not right', async (reason, tamper) => {
    const network = createFetcherNetwork({ digester, clock: nodeClock });
    const [alice, bob] = [await network.join('a'), await network.join('b')];
    network.files.push(file);
    await tamper(alice.store.pathOf(file.fileId));
    expect(await bob.fetcher.request(file, alice.self.device, { signal })).toEqual({ outcome: 'declined', reason });
    expect(bob.journal.at(-1)).toMatchObject({ kind: 'request-declined', from: alice.self.device, reason });
    expect(await readdir(bob.folder)).toEqual([]);
  });

  it('is declined when the asker is no member any more', async () => {
    const { network, alice, bob } = await aliceAndBob();
    network.members.delete(bob.self.device);
    const outcome = await bob.fetcher.request(file, alice.self.device, { signal });
    expect(outcome).toEqual({ outcome: 'declined', reason: 'not-a-member' });
  });

  it('is never served from a file that was tampered with after it had been served before', async () => {
    const { network, alice, bob } = await aliceAndBob();
    await bob.fetcher.request(file, alice.self.device, { signal });
    const carol = await network.join('c');
    await writeFile(alice.store.pathOf(file.fileId), someBytes(bytes.length, 8));
    const outcome = await carol.fetcher.request(file, alice.self.device, { signal });
    expect(outcome).toEqual({ outcome: 'declined', reason: 'digest-mismatch' });
  });

  it('says that the device cannot be reached', async () => {
    const { bob } = await aliceAndBob();
    const nobody = somePeer('f').device;
    const outcome = await bob.fetcher.request(file, nobody, { signal });
    expect(outcome).toEqual({ outcome: 'declined', reason: 'not-reachable' });
  });

  it('says that the device does not answer, in the end', async () => {
    const clock = createVirtualClock();
    const network = createFetcherNetwork({ digester, clock });
    const bob = await network.join('b', { sendMessage: async () => {} });
    const request = bob.fetcher.request(file, bob.self.device, { signal });
    await until(() => bob.journal.length > 0);
    expect(kinds(bob.journal)).toEqual(['file-requested']);
    await clock.advance(REQUEST_ANSWER_MS);
    expect(await request).toEqual({ outcome: 'declined', reason: 'no-answer' });
  });

  it('is over when the link is gone that it was sent over; what is not sent yet goes on', async () => {
    const clock = createVirtualClock();
    const network = createFetcherNetwork({ digester, clock });
    const [asked, dialled] = [somePeer('c').device, somePeer('d').device];
    const dialling = new AbortController();
    const bob = await network.join('b', {
      sendMessage: async (device) => (device === dialled ? clock.wait(REQUEST_ANSWER_MS, dialling.signal) : undefined),
    });
    const other = announcedFile(someBytes(800_000), 8);
    const requests = [bob.fetcher.request(file, asked, { signal }), bob.fetcher.request(other, dialled, { signal })];
    await until(() => bob.journal.length === 2);
    for (const device of [dialled, asked]) bob.fetcher.onUnlinked(device);
    expect(await requests[0]).toEqual({ outcome: 'declined', reason: 'not-reachable' });
    expect(kinds(bob.journal)).toEqual(['file-requested', 'file-requested', 'request-declined']);
    await clock.advance(REQUEST_ANSWER_MS);
    expect(await requests[1]).toEqual({ outcome: 'declined', reason: 'no-answer' });
  });

  it('is declined when there were too many', async () => {
    const { network, alice, bob } = await aliceAndBob({ clock: createVirtualClock() });
    const { conversation } = file;
    const request = { conversation, interaction: 'f'.repeat(40), deviceId: bob.self.device };
    for (let asked = 0; asked <= REQUESTS_PER_MINUTE; asked += 1) {
      alice.fetcher.onMessage(bob.self, 'application/data-transfer-request+json', request);
    }
    await alice.fetcher.close();
    const reasons = network.messages.map(({ content }) => (content as { reason: string }).reason);
    expect(reasons.length).toBe(REQUESTS_PER_MINUTE + 1);
    expect(reasons.filter((reason) => reason === 'too-many-requests').length).toBe(1);
  });
});

describe('a cancel, a pause and a close', () => {
  /** Bob receives from a source that the test plays, and has some of the file. */
  async function halfWay() {
    const network = createFetcherNetwork({ digester, clock: nodeClock });
    const bob = await network.join('b', { sendMessage: async () => {} });
    network.files.push(file);
    const source = somePeer('d');
    const request = bob.fetcher.request(file, source.device, { signal });
    await until(() => kinds(bob.journal).includes('file-requested'));
    const { conversation, fileId } = file;
    const name = transferChannelName({ conversation, receiver: bob.self.device, fileId });
    const pair = channelPair(name, { leftPeer: source });
    await bob.fetcher.serveChannel(pair.right);
    const played = playSource(pair.left);
    await played.propose(file);
    await played.hear();
    await played.sendBytes(bytes.subarray(0, 100_000));
    await until(async () => (await bob.store.partialSize(file.fileId)) === 100_000);
    return { bob, request, played };
  }

  it('cancel ends it on both sides and leaves nothing', async () => {
    const { bob, request, played } = await halfWay();
    bob.fetcher.cancel(file);
    expect(await played.hearOut()).toEqual({ say: 'cancel', reason: 'cancelled' });
    expect(await request).toEqual({ outcome: 'cancelled' });
    expect(await readdir(bob.folder)).toEqual([]);
    expect(bob.journal.at(-1)).toMatchObject({ kind: 'sub-transfer-ended', outcome: 'cancelled' });
  });

  it('cancel also throws away what an earlier try left', async () => {
    const { bob, request, played } = await halfWay();
    bob.fetcher.pause(file);
    await Promise.all([request, played.hearOut()]);
    bob.fetcher.cancel(file);
    await until(async () => (await readdir(bob.folder)).length === 0);
    expect(bob.failures).toEqual([]);
  });

  it('pause ends it, tells the source why, and keeps what is here', async () => {
    const { bob, request, played } = await halfWay();
    bob.fetcher.pause(file);
    expect(await played.hearOut()).toEqual({ say: 'cancel', reason: 'paused' });
    expect(await request).toEqual({ outcome: 'paused-here' });
    expect(await bob.store.partialSize(file.fileId)).toBe(100_000);
    expect(bob.journal.at(-1)).toMatchObject({ outcome: 'paused-here', bytes: 100_000 });
  });

  it('close ends it and keeps what is here', async () => {
    const { bob, request, played } = await halfWay();
    const [, lastWord] = await Promise.all([bob.fetcher.close(), played.hearOut()]);
    expect(lastWord).toEqual({ say: 'cancel', reason: 'interrupted' });
    expect(await request).toEqual({ outcome: 'interrupted' });
    expect(await bob.store.partialSize(file.fileId)).toBe(100_000);
    expect(bob.journal.at(-1)).toMatchObject({ kind: 'sub-transfer-ended', outcome: 'interrupted', bytes: 100_000 });
  });

  it('a cancelled file may be asked for again', async () => {
    const { alice, bob } = await aliceAndBob();
    const request = bob.fetcher.request(file, alice.self.device, { signal });
    bob.fetcher.cancel(file);
    expect((await request).outcome).toBe('cancelled');
    expect(await bob.fetcher.request(file, alice.self.device, { signal })).toEqual({ outcome: 'complete' });
  });
});

describe('a file that is here', () => {
  it.each([
    ['paused', 'paused'],
    ['cancelled', 'withheld'],
  ] as const)('is not given away while it is %s', async (wish, reason) => {
    const network = createFetcherNetwork({ digester, clock: nodeClock });
    let word: typeof wish | undefined = wish;
    const [alice, bob] = [await network.join('a', { wishOf: () => word }), await network.join('b')];
    network.files.push(file);
    await put(alice.store, file, bytes);
    expect(await bob.fetcher.request(file, alice.self.device, { signal })).toEqual({ outcome: 'declined', reason });
    expect(kinds(alice.journal)).not.toContain('sub-transfer-started');
    word = undefined;
    expect(await bob.fetcher.request(file, alice.self.device, { signal })).toEqual({ outcome: 'complete' });
  });

  it.each([
    ['pause', 'paused-there', 'paused-here'],
    ['cancel', 'cancelled', 'cancelled'],
  ] as const)('stops being sent at its %s, and both sides write down why', async (word, there, here) => {
    const network = createFetcherNetwork({ digester, clock: nodeClock });
    // Said when the first bytes have left.
    const [alice, bob] = [
      await network.join('a', { onProgress: () => alice.fetcher[word](file) }),
      await network.join('b'),
    ];
    network.files.push(file);
    await put(alice.store, file, bytes);
    expect(await bob.fetcher.request(file, alice.self.device, { signal })).toEqual({ outcome: there });
    await alice.fetcher.close();
    expect(alice.journal.at(-1)).toMatchObject({ direction: 'serving', outcome: here });
    expect(alice.failures).toEqual([]);
  });
});

describe('a proposal that nobody asked for', () => {
  async function proposedBy(bob: FetcherDevice, source: PeerIdentity) {
    const { conversation, fileId } = file;
    const name = transferChannelName({ conversation, receiver: bob.self.device, fileId });
    const pair = channelPair(name, { leftPeer: source });
    const serving = bob.fetcher.serveChannel(pair.right);
    const played = playSource(pair.left);
    await played.propose(file);
    const lastWord = await played.hearOut();
    await serving;
    return lastWord;
  }

  it('is refused, also when a member sends it and the file is lacking', async () => {
    const { alice, bob } = await aliceAndBob();
    expect(await proposedBy(bob, alice.self)).toEqual({ say: 'refuse', reason: 'not-wanted' });
    expect(await readdir(bob.folder)).toEqual([]);
    expect(bob.journal).toEqual([]);
  });

  it('is refused while another device is being asked', async () => {
    const network = createFetcherNetwork({ digester, clock: nodeClock });
    const [alice, bob] = [await network.join('a'), await network.join('b', { sendMessage: async () => {} })];
    network.files.push(file);
    const request = bob.fetcher.request(file, somePeer('d').device, { signal });
    await until(() => kinds(bob.journal).includes('file-requested'));
    expect(await proposedBy(bob, alice.self)).toEqual({ say: 'refuse', reason: 'not-wanted' });
    expect(kinds(bob.journal)).toEqual(['file-requested']);
    await bob.fetcher.close();
    await request;
  });

  it('is refused on a channel that is for another device, or has no such name', async () => {
    const { bob } = await aliceAndBob();
    const { conversation, fileId } = file;
    for (const name of [
      transferChannelName({ conversation, receiver: somePeer('e').device, fileId }),
      'data-transfer://x',
    ]) {
      const pair = channelPair(name);
      const serving = bob.fetcher.serveChannel(pair.right);
      expect(await playSource(pair.left).hearOut()).toEqual({ say: 'refuse', reason: 'not-wanted' });
      await serving;
    }
  });
});

describe('many transfers', () => {
  it('run a few at once, and all arrive', async () => {
    const network = createFetcherNetwork({ digester, clock: nodeClock });
    const [alice, bob] = [await network.join('a'), await network.join('b')];
    const all = Array.from({ length: 30 }, (_, tid) => ({ tid, bytes: someBytes(SMALL_FILE_BYTES + 1 + tid, tid) }));
    for (const { tid, bytes } of all) {
      const announced = announcedFile(bytes, tid);
      network.files.push(announced);
      await put(alice.store, announced, bytes);
    }
    const requests = network.files.map((one) => bob.fetcher.request(one, alice.self.device, { signal }));
    expect(new Set((await Promise.all(requests)).map(({ outcome }) => outcome))).toEqual(new Set(['complete']));
    let [running, most] = [0, 0];
    for (const record of bob.journal) {
      if (record.kind === 'sub-transfer-started') running += 1;
      if (record.kind === 'sub-transfer-ended') running -= 1;
      most = Math.max(most, running);
    }
    expect(most).toBeLessThanOrEqual(TRANSFERS_AT_ONCE);
    expect(most).toBeGreaterThan(1);
    expect((await readdir(bob.folder)).length).toBe(30);
  });
});

describe('messages', () => {
  it("are the fetcher's only when they are requests or answers of the known form", async () => {
    const { bob } = await aliceAndBob();
    expect(bob.fetcher.onMessage(bob.self, 'text/plain', {})).toBe(false);
    expect(bob.fetcher.onMessage(bob.self, 'application/data-transfer-request+json', { conversation: '../x' })).toBe(
      false,
    );
    expect(bob.fetcher.onMessage(bob.self, 'application/data-transfer-answer+json', null)).toBe(false);
    expect(bob.failures).toEqual([]);
  });
});
