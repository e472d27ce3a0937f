/**
 * What a source may do that wants no good, in each of the three ways in which a file travels. Whatever it does: it ends
 * with a reason that is written down, nothing wrong ever stands under a name, the channel and the slots are free again,
 * and an honest source brings the file, afterwards or at the same time.
 */
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { isSyncError } from '../../src/errors.ts';
import { FILE_ANSWER_TYPE } from '../../src/events/peer/file-request.ts';
import { transferChannelName } from '../../src/fetcher/transfer/transfer-channel.ts';
import { CHUNK_BYTES_MIN, STALL_MS, TRANSFERS_AT_ONCE } from '../../src/limits.ts';
import type { Channel } from '../../src/ports.ts';
import { type AnnouncedBytes, announcedFile, inChunks, sha3Of, someBytes } from '../support/fetcher/announced-file.ts';
import { createFetcherNetwork, type FetcherDevice } from '../support/fetcher/fetcher-network.ts';
import {
  createHostileSource,
  type HostileBatch,
  type HostileSource,
  type HostileTalk,
  type Play,
} from '../support/fetcher/hostile-source.ts';
import { inlineDigester } from '../support/fetcher/inline-digester.ts';
import { playSource, put } from '../support/fetcher/transfer.ts';
import { channelPair, somePeer } from '../support/net/channel-pair.ts';
import { until } from '../support/time/until.ts';
import { createVirtualClock, type VirtualClock } from '../support/time/virtual-clock.ts';
import { whileTimePasses } from '../support/time/while-time-passes.ts';

const signal = new AbortController().signal;
const SIZE = CHUNK_BYTES_MIN;
const HALF = 100_000;

/** A statement of a later version, for all that anybody knows. */
const MEANINGLESS = Buffer.from('\0{"say":"hold on"}');

async function babble({ channel }: { readonly channel: Channel }): Promise<void> {
  for (;;) {
    await channel.send(MEANINGLESS);
    await setTimeout(1);
  }
}

/** Often enough not to be silent. */
async function drip({ wait }: HostileTalk, send: (place: number) => Promise<void>): Promise<void> {
  for (let place = 0; ; place += 1) {
    await send(place);
    await wait(STALL_MS / 2);
  }
}

/** As many as go on at once: a slot that is not given back is missed by those that follow. */
function someFiles(length: number, announce: (bytes: Uint8Array, tid: number) => AnnouncedBytes['file']) {
  return Array.from({ length: TRANSFERS_AT_ONCE }, (_, place) => {
    const bytes = someBytes(length + place, place + 1);
    return { bytes, file: announce(bytes, 0x10 + place) };
  });
}

interface Case extends Play {
  readonly what: string;
  /** Of the request. */
  readonly ends: { readonly outcome: string; readonly reason?: string };
  /** What is left of a file when it has ended. */
  readonly leaves: 'nothing' | 'some' | 'the file';
}

/** Bob lacks the files, alice has them, and so says the hostile source. */
async function scene(files: readonly AnnouncedBytes[], play: Play) {
  const clock = createVirtualClock();
  const network = createFetcherNetwork({ digester: inlineDigester(), clock });
  network.files.push(...files.map(({ file }) => file));
  const [alice, bob] = [await network.join('a'), await network.join('b')];
  for (const { file, bytes } of files) await put(alice.store, file, bytes);
  const hostile = createHostileSource(network, files, play);
  const requestFrom = (device: HostileSource | FetcherDevice) =>
    Promise.all(files.map(({ file }) => bob.fetcher.request(file, device.self.device, { signal })));
  return { network, clock, alice, bob, hostile, requestFrom };
}

async function expectFiles({ store, folder }: FetcherDevice, files: readonly AnnouncedBytes[]): Promise<void> {
  for (const { file } of files) expect(sha3Of(await readFile(store.pathOf(file.fileId)))).toBe(file.digest);
  expect((await readdir(folder)).sort()).toEqual(files.map(({ file }) => file.fileId).sort());
}

/** Talking on it does not keep it open. */
async function expectClosed({ channels }: HostileSource, clock: VirtualClock): Promise<void> {
  expect(channels.length).toBeGreaterThan(0);
  await whileTimePasses(
    clock,
    until(async () => (await Promise.all(channels.map(isClosed))).every(Boolean)),
  );
}

async function isClosed(channel: Channel): Promise<boolean> {
  try {
    await channel.send(MEANINGLESS);
    return false;
  } catch (error) {
    return isSyncError(error, 'CHANNEL_CLOSED');
  }
}

function expectJournal({ journal }: FetcherDevice, files: readonly AnnouncedBytes[], { ends }: Case): void {
  for (const { file } of files) {
    // What is flushed in the end may be written down after that.
    const about = journal.filter(
      (record) =>
        'interaction' in record && record.interaction === file.interaction && record.kind !== 'chunks-checked',
    );
    const last = ends.reason
      ? { kind: 'request-declined', reason: ends.reason }
      : { kind: 'sub-transfer-ended', ...ends };
    expect(about.at(-1)).toMatchObject(last);
  }
}

async function expectLeft({ store, folder }: FetcherDevice, files: readonly AnnouncedBytes[], { leaves }: Case) {
  const left = {
    nothing: [],
    some: files.map(({ file }) => `${file.fileId}.tmp`),
    'the file': files.map(({ file }) => file.fileId),
  };
  expect((await readdir(folder)).sort()).toEqual([...left[leaves]].sort());
  if (leaves === 'the file') return;
  for (const { file } of files) expect(await store.stamp(file.fileId)).toBeUndefined();
}

function inWay(files: readonly AnnouncedBytes[], cases: readonly Case[]): void {
  describe.each(cases)('that $what', (one) => {
    it('is found out, and an honest source brings the files afterwards', async () => {
      const { clock, alice, bob, hostile, requestFrom } = await scene(files, one);
      const ended = await whileTimePasses(clock, requestFrom(hostile));
      expect(ended).toEqual(files.map(() => one.ends));
      expectJournal(bob, files, one);
      await expectLeft(bob, files, one);
      await expectClosed(hostile, clock);
      expect(await requestFrom(alice)).toEqual(files.map(() => ({ outcome: 'complete' })));
      await expectFiles(bob, files);
      expect(bob.failures).toEqual([]);
    });

    it('does not keep an honest source from bringing the files at the same time', async () => {
      const { clock, alice, bob, hostile, requestFrom } = await scene(files, one);
      const both = Promise.all([requestFrom(hostile), requestFrom(alice)]);
      const [atHostile, atAlice] = await whileTimePasses(clock, both);
      expect(atAlice).toEqual(files.map(() => ({ outcome: 'complete' })));
      for (const end of atHostile) expect([one.ends, { outcome: 'complete' }]).toContainEqual(end);
      await expectFiles(bob, files);
      await expectClosed(hostile, clock);
      expect(bob.failures).toEqual([]);
    });
  });
}

describe('a source of a file without chunks', () => {
  const files = someFiles(2 * HALF, announcedFile);

  async function begin({ propose, hear, file }: HostileTalk): Promise<void> {
    await propose(file);
    await hear();
  }
  const sending = (bytes: (talk: HostileTalk) => Uint8Array, after: (talk: HostileTalk) => Promise<void>) => ({
    async talk(talk: HostileTalk) {
      await begin(talk);
      await talk.sendBytes(bytes(talk));
      await after(talk);
    },
  });
  const half = ({ bytes }: HostileTalk) => bytes.subarray(0, HALF);
  const end = ({ say }: HostileTalk) => say({ say: 'end' });

  inWay(files, [
    { what: 'opens its channel and says nothing', ends: { outcome: 'silent' }, leaves: 'nothing' },
    {
      what: 'stalls half-way',
      ...sending(half, async () => {}),
      ...{ ends: { outcome: 'silent' }, leaves: 'some' },
    },
    {
      what: 'stalls half-way, and goes on talking of nothing',
      ...sending(half, babble),
      ...{ ends: { outcome: 'silent' }, leaves: 'some' },
    },
    {
      what: 'sends a byte now and then',
      ...sending(half, (talk) =>
        drip(talk, (place) => talk.sendBytes(talk.bytes.subarray(HALF + place, HALF + place + 1))),
      ),
      ...{ ends: { outcome: 'too-slow' }, leaves: 'some' },
    },
    {
      what: 'sends all and never says so',
      ...sending(
        ({ bytes }) => bytes,
        async () => {},
      ),
      ...{ ends: { outcome: 'silent' }, leaves: 'some' },
    },
    {
      what: 'proposes another size',
      talk: ({ propose, file }) => propose({ ...file, totalSize: file.totalSize + 1 }),
      ...{ ends: { outcome: 'protocol-broken' }, leaves: 'nothing' },
    },
    {
      what: 'says too early that it was all',
      ...sending(half, end),
      ...{ ends: { outcome: 'wrong-size' }, leaves: 'nothing' },
    },
    {
      what: 'sends wrong bytes',
      ...sending(({ bytes }) => bytes.map((byte, at) => (at === HALF ? byte ^ 1 : byte)), end),
      ...{ ends: { outcome: 'wrong-digest' }, leaves: 'nothing' },
    },
    {
      what: 'closes early',
      ...sending(half, ({ channel }) => channel.end({ signal })),
      ...{ ends: { outcome: 'interrupted' }, leaves: 'some' },
    },
    {
      what: 'sends more than it was asked for',
      ...sending(({ bytes }) => Buffer.concat([bytes, bytes]), end),
      ...{ ends: { outcome: 'wrong-size' }, leaves: 'nothing' },
    },
    {
      what: 'sends pieces, as of a file with chunks',
      ...sending(half, ({ sendPiece, bytes }) => sendPiece(HALF, bytes.subarray(HALF))),
      ...{ ends: { outcome: 'protocol-broken' }, leaves: 'nothing' },
    },
    {
      what: 'holds its channel open when all is done',
      ...sending(({ bytes }) => bytes, end),
      ...{ ends: { outcome: 'complete' }, leaves: 'the file' },
    },
  ]);
});

describe('a source of a file with chunks', () => {
  const files = someFiles(5 * SIZE, (bytes, tid) => inChunks(announcedFile(bytes, tid), bytes, SIZE));

  /** Proposes, and does what it is asked, but for what the test says. */
  function serving(
    pieces: (talk: HostileTalk, range: readonly [number, number]) => Promise<void>,
    hashes: (talk: HostileTalk) => Promise<void> = ({ sendHashes }) => sendHashes(),
  ): Play {
    return {
      async talk(talk) {
        await talk.propose(talk.file);
        for (let heard = await talk.hear(); heard; heard = await talk.hear()) {
          if (heard.say !== 'go') continue;
          if (heard.hashes) await hashes(talk);
          for (const range of heard.ranges) await pieces(talk, range);
        }
      },
    };
  }
  const honest = ({ sendPieces }: HostileTalk, range: readonly [number, number]) => sendPieces(range);
  const nothing = async () => {};

  inWay(files, [
    { what: 'opens its channel and says nothing', ends: { outcome: 'silent' }, leaves: 'nothing' },
    {
      what: 'sends neither hashes nor bytes',
      ...serving(nothing, nothing),
      ends: { outcome: 'silent' },
      leaves: 'nothing',
    },
    {
      what: 'talks of nothing instead',
      ...serving(babble, babble),
      ...{ ends: { outcome: 'silent' }, leaves: 'nothing' },
    },
    {
      what: 'sends a byte now and then',
      ...serving((talk, [start]) =>
        drip(talk, (place) => talk.sendPiece(start + place, talk.bytes.subarray(start + place, start + place + 1))),
      ),
      ...{ ends: { outcome: 'too-slow' }, leaves: 'nothing' },
    },
    {
      what: 'stalls in the middle of a chunk',
      ...serving(({ sendPiece, bytes }, [start]) => sendPiece(start, bytes.subarray(start, start + 1000))),
      ...{ ends: { outcome: 'silent' }, leaves: 'nothing' },
    },
    {
      what: 'proposes another size',
      talk: ({ propose, file }) => propose({ ...file, totalSize: file.totalSize - 1 }),
      ...{ ends: { outcome: 'protocol-broken' }, leaves: 'nothing' },
    },
    {
      what: 'sends a list of other hashes',
      ...serving(nothing, ({ sendHashes }) => sendHashes(Buffer.alloc(6 * 32))),
      ...{ ends: { outcome: 'wrong-chunk' }, leaves: 'nothing' },
    },
    {
      what: 'sends a list that is too long',
      ...serving(nothing, ({ sendHashes }) => sendHashes(Buffer.alloc(7 * 32))),
      ...{ ends: { outcome: 'wrong-chunk' }, leaves: 'nothing' },
    },
    {
      what: 'sends wrong bytes',
      ...serving(({ sendPieces, bytes }, range) =>
        sendPieces(
          range,
          bytes.map((byte) => byte ^ 1),
        ),
      ),
      ...{ ends: { outcome: 'wrong-chunk' }, leaves: 'nothing' },
    },
    {
      what: 'closes early',
      ...serving(async ({ sendPiece, bytes, channel }, [start]) => {
        await sendPiece(start, bytes.subarray(start, start + 1000));
        await channel.end({ signal });
      }),
      ...{ ends: { outcome: 'interrupted' }, leaves: 'nothing' },
    },
    {
      what: 'sends bytes beyond the end',
      ...serving(({ sendPiece, file }) => sendPiece(file.totalSize, Buffer.alloc(10))),
      ...{ ends: { outcome: 'protocol-broken' }, leaves: 'nothing' },
    },
    {
      what: 'sends everything twice',
      ...serving(async ({ sendPieces }, range) => {
        await sendPieces(range);
        await sendPieces(range);
      }),
      ...{ ends: { outcome: 'protocol-broken' }, leaves: 'some' },
    },
    {
      what: 'sends bytes across the border of a chunk',
      ...serving(({ sendPiece, bytes }) => sendPiece(0, bytes.subarray(0, SIZE + 1))),
      ...{ ends: { outcome: 'protocol-broken' }, leaves: 'nothing' },
    },
    {
      what: 'says that it was all',
      ...serving(({ say }) => say({ say: 'end' })),
      ...{ ends: { outcome: 'protocol-broken' }, leaves: 'nothing' },
    },
    {
      what: 'holds its channel open when all is done',
      ...serving(honest),
      ...{ ends: { outcome: 'complete' }, leaves: 'the file' },
    },
  ]);
});

describe('a source of small files', () => {
  const files = someFiles(5000, announcedFile);
  const answering = (answer: (batch: HostileBatch, asked: readonly AnnouncedBytes[]) => Promise<void>): Play => ({
    async batch(batch) {
      for (;;) await answer(batch, await batch.asked());
    },
  });
  const changed = (asked: readonly AnnouncedBytes[], change: (bytes: Uint8Array) => Uint8Array) =>
    asked.map(({ file, bytes }) => ({ file, bytes: change(bytes) }));

  inWay(files, [
    { what: 'says nothing', ends: { outcome: 'declined', reason: 'no-answer' }, leaves: 'nothing' },
    {
      what: 'talks of nothing instead',
      ...answering(babble),
      ...{ ends: { outcome: 'declined', reason: 'no-answer' }, leaves: 'nothing' },
    },
    {
      what: 'sends other sizes',
      ...answering(({ send }, asked) => send(changed(asked, (bytes) => bytes.subarray(1)))),
      ...{ ends: { outcome: 'wrong-size' }, leaves: 'nothing' },
    },
    {
      what: 'sends wrong bytes',
      ...answering(({ send }, asked) => send(changed(asked, (bytes) => bytes.map((byte) => byte ^ 1)))),
      ...{ ends: { outcome: 'wrong-digest' }, leaves: 'nothing' },
    },
    {
      what: 'closes early',
      ...answering(async ({ channel }) => channel.close()),
      ...{ ends: { outcome: 'declined', reason: 'not-reachable' }, leaves: 'nothing' },
    },
    {
      what: 'sends everything twice',
      ...answering(({ send }, asked) => send([...asked, ...asked])),
      ...{ ends: { outcome: 'protocol-broken' }, leaves: 'nothing' },
    },
    {
      what: 'lies about the length in a message',
      ...answering(({ channel }) =>
        channel.send(Buffer.concat([Buffer.of(1), Buffer.alloc(20), Buffer.of(0, 0, 1, 0, 7)])),
      ),
      ...{ ends: { outcome: 'protocol-broken' }, leaves: 'nothing' },
    },
    {
      what: 'holds the channel open when all is done',
      ...answering(({ send }, asked) => send(asked)),
      ...{ ends: { outcome: 'complete' }, leaves: 'the file' },
    },
  ]);
});

describe('a device that was not asked', () => {
  it('declines in nobody else’s name', async () => {
    const clock = createVirtualClock();
    const network = createFetcherNetwork({ digester: inlineDigester(), clock });
    const bob = await network.join('b');
    const asked = { self: somePeer('e'), fetcher: { onMessage: () => true, serveChannel: async () => {} } };
    network.admit(asked);
    const { conversation, interaction, ...file } = announcedFile(someBytes(2 * HALF));
    const request = bob.fetcher.request({ ...file, conversation, interaction }, asked.self.device, { signal });
    await until(() => bob.journal.some(({ kind }) => kind === 'file-requested'));
    const decline = (digit: string, reason: string) =>
      bob.fetcher.onMessage(somePeer(digit), FILE_ANSWER_TYPE, {
        conversation,
        interaction,
        answer: 'declined',
        reason,
      });
    decline('c', 'deleted');
    decline('e', 'has-not');
    expect(await request).toEqual({ outcome: 'declined', reason: 'has-not' });
  });
});

describe('after a cancel', () => {
  async function cancelled(files: readonly AnnouncedBytes[], play: Play) {
    const reached = new Set<HostileTalk['file']>();
    const stage = await scene(files, {
      ...play,
      async talk(talk) {
        await play.talk?.(talk);
        reached.add(talk.file);
        // The cancel is the last that is heard.
        await talk.hearOut();
        await talk.sendBytes(talk.bytes);
        await talk.say({ say: 'end' });
      },
    });
    const requests = stage.requestFrom(stage.hostile);
    return { ...stage, requests, reached };
  }

  it.each([
    ['without chunks', someFiles(2 * HALF, announcedFile)],
    ['with chunks', someFiles(5 * SIZE, (bytes, tid) => inChunks(announcedFile(bytes, tid), bytes, SIZE))],
  ])('a file %s stays away, whatever the source goes on to send', async (_, files) => {
    const { clock, alice, bob, hostile, network, requests, reached, requestFrom } = await cancelled(files, {
      async talk({ propose, hear, file }) {
        await propose(file);
        await hear();
      },
    });
    await until(() => reached.size === files.length);
    for (const { file } of files) bob.fetcher.cancel(file);
    expect(await whileTimePasses(clock, requests)).toEqual(files.map(() => ({ outcome: 'cancelled' })));
    await expectClosed(hostile, clock);
    expect(await readdir(bob.folder)).toEqual([]);

    // It comes again, of its own accord.
    const [{ file }] = files as [AnnouncedBytes];
    const { conversation, fileId } = file;
    const pair = channelPair(transferChannelName({ conversation, receiver: bob.self.device, fileId }), {
      leftPeer: hostile.self,
    });
    const served = network.reach(bob.self.device).fetcher.serveChannel(pair.right);
    expect(await playSource(pair.left).hearOut()).toEqual({ say: 'refuse', reason: 'not-wanted' });
    await served;
    expect(await requestFrom(alice)).toEqual(files.map(() => ({ outcome: 'complete' })));
    await expectFiles(bob, files);
  });

  it('a small file stays away, and costs no other', async () => {
    const files = someFiles(5000, announcedFile);
    const [first, ...others] = files as [AnnouncedBytes, ...AnnouncedBytes[]];
    const { bob, alice, clock, requests, requestFrom } = await cancelled(files, {
      async batch(batch) {
        const asked = await batch.asked();
        bob.fetcher.cancel(first.file);
        await batch.send(asked);
      },
    });
    const ends = await whileTimePasses(clock, requests);
    expect(ends).toEqual([{ outcome: 'cancelled' }, ...others.map(() => ({ outcome: 'complete' }))]);
    await expectFiles(bob, others);
    expect(await requestFrom(alice)).toEqual(files.map(() => ({ outcome: 'complete' })));
    await expectFiles(bob, files);
  });
});
