/** Our two ends of git's wire, with each other and with peers that do less or wrong. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { objectsToSend } from '../../../../src/conversation/repository/objects-to-send.ts';
import { createPackParser } from '../../../../src/conversation/repository/packs/pack-parser.ts';
import type { RepositoryReader } from '../../../../src/conversation/repository/repository.ts';
import { type Fetched, fetchPack } from '../../../../src/conversation/sync/fetch-upload-pack.ts';
import {
  createPacketDecoder,
  FLUSH_PACKET,
  formatPacket,
  packetText,
} from '../../../../src/conversation/sync/pkt-line.ts';
import {
  type Served,
  type ServeOptions,
  serveUploadPack,
} from '../../../../src/conversation/sync/serve-upload-pack.ts';
import { formatSideBand } from '../../../../src/conversation/sync/side-band.ts';
import { type CommitId, ConversationId } from '../../../../src/ids.ts';
import { SILENCE_MS } from '../../../../src/limits.ts';
import type { Channel } from '../../../../src/ports.ts';
import { type MemoryObjects, memoryObjects, writeCommit, writeHistory } from '../../../support/git/git-objects.ts';
import { serveAsOlderPeer } from '../../../support/git/older-git-server.ts';
import { packOf } from '../../../support/git/packs.ts';
import { channelPair } from '../../../support/net/channel-pair.ts';
import { thrownBy } from '../../../support/thrown.ts';
import { patience } from '../../../support/time/patience.ts';
import { createVirtualClock, type VirtualClock } from '../../../support/time/virtual-clock.ts';

const CONVERSATION = ConversationId.parse('c'.repeat(40));
const HOST = 'd'.repeat(64);
const REQUEST = { path: `/${CONVERSATION}`, host: HOST };
const clock = createVirtualClock();

function readerOf(objects: MemoryObjects, head: CommitId | undefined): RepositoryReader {
  return {
    path: 'memory',
    objects,
    head: async () => head,
    refs: async () => [],
    [Symbol.asyncDispose]: async () => undefined,
  };
}

function signal(): AbortSignal {
  return patience();
}

function pairForTest() {
  const pair = channelPair(`git://${HOST}/${CONVERSATION}`);
  onTestFinished(() => pair[Symbol.asyncDispose]());
  return pair;
}

const serveOn = (
  channel: Channel,
  reader: RepositoryReader,
  options: Pick<ServeOptions, 'has'> = {},
): Promise<Served> =>
  serveUploadPack(reader, channel, { conversation: CONVERSATION, clock, signal: signal(), ...options });

const fetchOn = (channel: Channel, objects: MemoryObjects, haves: readonly CommitId[] = []): Promise<Fetched> =>
  fetchPack(channel, { request: REQUEST, has: objects.has, haves, clock, signal: signal() });

async function entriesOf(pack: AsyncIterable<Uint8Array> | undefined): Promise<number> {
  const parser = createPackParser({ packBytes: 1e9, inflatedBytes: 1e9, objects: 1e6 });
  let count = 0;
  for await (const chunk of pack ?? []) count += [...parser.push(chunk)].length;
  return count + [...parser.end()].length;
}

/** `objects` know `history`; another memory knows its first `known` commits. */
async function twoReplicas(length: number, known: number) {
  const objects = memoryObjects();
  const history = await writeHistory(objects, length);
  const other = memoryObjects();
  const shared = await writeHistory(other, known === length ? length : 0);
  for (const id of history.slice(0, known)) await other.write('commit', objects.all.get(id)?.bytes ?? new Uint8Array());
  return { objects, head: history.at(-1), other, shared, haves: history.slice(0, known).toReversed() };
}

describe('a fetch', () => {
  it('brings the whole history to somebody who has nothing', async () => {
    const { objects, head, other } = await twoReplicas(100, 0);
    const pair = pairForTest();
    const serving = serveOn(pair.right, readerOf(objects, head));
    const fetched = await fetchOn(pair.left, other);
    expect(fetched.head).toBe(head);
    expect(await entriesOf(fetched.pack)).toBe(objects.all.size);
    await pair.left.end({ signal: signal() });
    expect(await serving).toEqual({ served: head });
  });

  it('brings what is new, over the same channel as the fetch before', async () => {
    const { objects, head, other, haves } = await twoReplicas(100, 99);
    const pair = pairForTest();
    const serving = serveOn(pair.right, readerOf(objects, head));
    for (let round = 0; round < 2; round++) {
      expect(await entriesOf((await fetchOn(pair.left, other, haves)).pack)).toBe(3);
    }
    await pair.left.end({ signal: signal() });
    expect(await serving).toEqual({ served: head });
  });

  it('brings what whoever is asked does not find here, and nothing is looked for among the objects', async () => {
    const { objects, head = expect.fail(), other, haves } = await twoReplicas(100, 99);
    // It names 32 of them, then 64, and then knows enough.
    const common = haves.slice(90, 96);
    const pair = pairForTest();
    const reader = readerOf({ ...objects, has: () => expect.fail('it looked') }, head);
    const serving = serveOn(pair.right, reader, { has: (id) => common.includes(id) });
    const sent = await entriesOf((await fetchOn(pair.left, other, haves)).pack);
    expect(sent).toBe((await objectsToSend(objects, { wants: [head], haves: common })).length);
    await pair.left.end({ signal: signal() });
    expect(await serving).toEqual({ served: head });
  });

  it('brings nothing when the head is known, and the server learns that it is', async () => {
    const { objects, head } = await twoReplicas(5, 5);
    const pair = pairForTest();
    const serving = serveOn(pair.right, readerOf(objects, head));
    expect(await fetchOn(pair.left, objects)).toEqual({ head, pack: undefined });
    await pair.left.end({ signal: signal() });
    expect(await serving).toEqual({ served: head });
  });

  it('brings nothing from a conversation without a commit', async () => {
    const pair = pairForTest();
    const serving = serveOn(pair.right, readerOf(memoryObjects(), undefined));
    expect(await fetchOn(pair.left, memoryObjects())).toEqual({ head: undefined, pack: undefined });
    await pair.left.end({ signal: signal() });
    expect(await serving).toEqual({});
  });

  it('names no more of our commits than it takes to find a common one', async () => {
    const { objects, head, other, haves } = await twoReplicas(2000, 1999);
    const pair = pairForTest();
    void serveOn(pair.right, readerOf(objects, head)).catch(() => undefined);
    let taken = 0;
    async function* lazily() {
      for (const id of haves) {
        taken += 1;
        yield id;
      }
    }
    const options = {
      request: REQUEST,
      has: other.has,
      haves: lazily(),
      clock,
      signal: signal(),
    };
    expect(await entriesOf((await fetchPack(pair.left, options)).pack)).toBe(3);
    expect(taken).toBeLessThan(100);
  });

  it('goes on past hundreds of commits that only we have', async () => {
    const objects = memoryObjects();
    const shared = await writeHistory(objects, 10);
    const theirs = await writeCommit(objects, { parents: shared.slice(-1), message: 'theirs' });
    const ours = memoryObjects();
    const own = await writeHistory(ours, 700, shared.at(-1));
    const pair = pairForTest();
    void serveOn(pair.right, readerOf(objects, theirs)).catch(() => undefined);
    const { pack } = await fetchOn(pair.left, ours, [...own.toReversed(), ...shared.toReversed()]);
    expect(await entriesOf(pack)).toBe(3);
  });
});

/** A server by hand: answers each request of the client with the next packets. */
async function scripted(channel: Channel, answers: readonly (readonly Uint8Array[])[]): Promise<string[]> {
  const decoder = createPacketDecoder();
  const heard: string[] = [];
  const waiting = [...answers];
  for await (const message of channel.messages({ signal: signal() })) {
    heard.push(
      ...decoder.push(message).map((packet) => (packet.kind === 'flush' ? 'flush' : packetText(packet.payload))),
    );
    for (const bytes of waiting.shift() ?? []) await channel.send(bytes);
  }
  return heard;
}

const HEAD = 'ab'.repeat(20) as CommitId;
const EMPTY_PACK = packOf([]);
const inBand = (bytes: Uint8Array) => [...formatSideBand('pack', bytes, 'side-band-64k')];
/** As Jami's daemon writes it. */
const OLDER_ADVERTISEMENT = [
  formatPacket(`${HEAD} HEAD\0side-band side-band-64k shallow no-progress include-tag\n`),
  formatPacket(`${HEAD} refs/heads/main\n`),
  formatPacket(`${'cd'.repeat(20)} refs/remotes/device/main\n`),
  FLUSH_PACKET,
];

/** Silences go by, one after the other, until the work is over. */
async function letTimePass(still: VirtualClock, work: Promise<unknown>): Promise<void> {
  let isOver = false;
  const ending = work.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    await new Promise((resolve) => setImmediate(resolve));
    await still.advance(SILENCE_MS);
  }
  await ending;
}

describe('a fetch from an older peer', () => {
  it('understands "continue" with NAK behind it, and an acknowledgement repeated before the pack', async () => {
    const common = '12'.repeat(20) as CommitId;
    const pair = pairForTest();
    const answering = scripted(pair.right, [
      OLDER_ADVERTISEMENT,
      [formatPacket(`ACK ${common} continue\n`), formatPacket('NAK\n')],
      [formatPacket(`ACK ${common}\n`), ...inBand(EMPTY_PACK), FLUSH_PACKET],
    ]);
    const { head, pack } = await fetchOn(pair.left, memoryObjects(), [common]);
    expect([head, await entriesOf(pack)]).toEqual([HEAD, 0]);
    await pair.left.end({ signal: signal() });
    expect(await answering).toEqual([
      `git-upload-pack /${CONVERSATION}\0host=${HOST}\0`,
      `want ${HEAD} side-band-64k no-progress agent=swarmlog`,
      'flush',
      `have ${common}`,
      'flush',
      'done',
    ]);
  });

  it('clones, and fetches what is new over the same channel', async () => {
    const { objects, head, other } = await twoReplicas(40, 0);
    let now = head as CommitId;
    const pair = pairForTest();
    const serving = serveAsOlderPeer(objects, pair.right, () => now);
    expect(await entriesOf((await fetchOn(pair.left, other)).pack)).toBe(objects.all.size);
    const haves = [now];
    now = await writeCommit(objects, { parents: haves, message: 'new', at: 1_800_000_000 });
    const fetched = await fetchOn(pair.left, other, haves);
    expect([fetched.head, await entriesOf(fetched.pack)]).toEqual([now, 3]);
    await pair.left.end({ signal: signal() });
    await serving;
  });

  it('is served with whole pkt-lines in every message', async () => {
    const { objects, head } = await twoReplicas(300, 0);
    const pair = pairForTest();
    void serveOn(pair.right, readerOf(objects, head)).catch(() => undefined);
    const request = formatPacket(`git-upload-pack /${CONVERSATION}\0host=x\0`);
    const wants = [formatPacket(`want ${head} side-band-64k\n`), FLUSH_PACKET, formatPacket('done\n')];
    await pair.left.send(Buffer.concat([request, ...wants]));
    let flushes = 0;
    for await (const message of pair.left.messages({ signal: signal() })) {
      const decoder = createPacketDecoder();
      flushes += decoder.push(message).filter(({ kind }) => kind === 'flush').length;
      expect([decoder.isWithinPacket, message.byteLength <= 65_535]).toEqual([false, true]);
      // One ends the advertisement, one the pack.
      if (flushes === 2) break;
    }
  });

  it('clones without a single have', async () => {
    const pair = pairForTest();
    void scripted(pair.right, [
      OLDER_ADVERTISEMENT,
      [formatPacket('NAK\n'), ...inBand(EMPTY_PACK), FLUSH_PACKET],
    ]).catch(() => undefined);
    expect(await entriesOf((await fetchOn(pair.left, memoryObjects())).pack)).toBe(0);
  });
});

describe('a fetch from a peer that breaks the rules', () => {
  const fetchAll = async (answers: readonly (readonly Uint8Array[])[]) => {
    const pair = pairForTest();
    void scripted(pair.right, answers).catch(() => undefined);
    await entriesOf((await fetchOn(pair.left, memoryObjects(), ['12'.repeat(20) as CommitId])).pack);
  };

  it.each([
    ['an advertisement of nonsense', [[formatPacket('nonsense\n'), FLUSH_PACKET]]],
    ['no side band', [[formatPacket(`${HEAD} HEAD\0ofs-delta\n`), FLUSH_PACKET]]],
    ['nonsense for our haves', [OLDER_ADVERTISEMENT, [formatPacket('MAYBE\n')]]],
    ['nothing for our haves', [OLDER_ADVERTISEMENT, [FLUSH_PACKET]]],
    ['nonsense before the pack', [OLDER_ADVERTISEMENT, [formatPacket('NAK\n')], [formatPacket('HELLO\n')]]],
  ])('by %s', async (_how, answers) => {
    await thrownBy('PROTOCOL_BROKEN', () => fetchAll(answers));
  });

  it.each([
    ['at once', [[formatPacket('ERR disk full\n'), FLUSH_PACKET]]],
    ['within the pack', [OLDER_ADVERTISEMENT, [formatPacket('NAK\n')], [formatPacket('\u0003disk full\n')]]],
  ])('hears the words of one that gives nothing, %s', async (_when, answers) => {
    const { data } = await thrownBy('GIT_REFUSED', () => fetchAll(answers));
    expect(data.detail).toBe('"disk full"');
  });

  it('by ending within the pack', async () => {
    const pair = pairForTest();
    const cut = inBand(EMPTY_PACK).map((packet) => packet);
    const answering = (async () => {
      for await (const _ of pair.right.messages({ signal: signal() })) {
        for (const bytes of [...OLDER_ADVERTISEMENT, formatPacket('NAK\n'), formatPacket('NAK\n'), ...cut])
          await pair.right.send(bytes);
        break;
      }
      await pair.right.end({ signal: signal() });
    })();
    const { pack } = await fetchOn(pair.left, memoryObjects(), ['12'.repeat(20) as CommitId]);
    await thrownBy('PROTOCOL_BROKEN', () => entriesOf(pack));
    await answering.catch(() => undefined);
  });

  it('by saying nothing', async () => {
    const pair = pairForTest();
    const still = createVirtualClock();
    const options = {
      request: REQUEST,
      has: async () => false,
      haves: [],
      clock: still,
      signal: signal(),
    };
    const waiting = thrownBy('TIMED_OUT', () => fetchPack(pair.left, options));
    await letTimePass(still, waiting);
  });
});

describe('a server', () => {
  async function refused(...packets: readonly Uint8Array[]): Promise<string> {
    const objects = memoryObjects();
    const head = (await writeHistory(objects, 3)).at(-1);
    const pair = pairForTest();
    const serving = thrownBy('PROTOCOL_BROKEN', () => serveOn(pair.right, readerOf(objects, head)));
    await pair.left.send(Buffer.concat(packets));
    await serving;
    const last: string[] = [];
    pair.right.end({ signal: signal() }).catch(() => undefined);
    for await (const message of pair.left.messages({ signal: signal() })) last.push(Buffer.from(message).toString());
    return last.join('');
  }
  const request = formatPacket(`git-upload-pack /${CONVERSATION}\0host=x\0`);

  it.each([
    ['another conversation', [formatPacket(`git-upload-pack /${'e'.repeat(40)}\0host=x\0`)]],
    ['a path out of the conversation', [formatPacket(`git-upload-pack /../${CONVERSATION}\0host=x\0`)]],
    ['a commit that is not the head', [request, formatPacket(`want ${HEAD} side-band-64k\n`), FLUSH_PACKET]],
    ['something before any request', [formatPacket('hello\n')]],
    ['a want before any request', [formatPacket(`want ${HEAD}\n`)]],
  ])('refuses %s, and says so', async (_what, packets) => {
    expect(await refused(...packets)).toContain('ERR ');
  });

  it('gives up on a client that stops in the middle', async () => {
    const objects = memoryObjects();
    const head = (await writeHistory(objects, 3)).at(-1);
    const pair = pairForTest();
    const still = createVirtualClock();
    const options = { conversation: CONVERSATION, clock: still, signal: signal() };
    const serving = thrownBy('TIMED_OUT', () => serveUploadPack(readerOf(objects, head), pair.right, options));
    await pair.left.send(Buffer.concat([request, formatPacket(`want ${head} side-band-64k\n`)]));
    await letTimePass(still, serving);
  });

  it('serves a client without any side band with the bare pack', async () => {
    const objects = memoryObjects();
    const head = (await writeHistory(objects, 3)).at(-1);
    const pair = pairForTest();
    const serving = serveOn(pair.right, readerOf(objects, head));
    await pair.left.send(
      Buffer.concat([request, formatPacket(`want ${head}\n`), FLUSH_PACKET, formatPacket('done\n')]),
    );
    await Promise.all(
      [pair.left.end({ signal: signal() }), serving.then(() => pair.right.end({ signal: signal() }))].concat(
        readPack(pair.left, objects.all.size),
      ),
    );
  });
});

async function readPack(channel: Channel, objects: number): Promise<void> {
  const chunks: Uint8Array[] = [];
  for await (const message of channel.messages({ signal: signal() })) chunks.push(message);
  const all = Buffer.concat(chunks);
  const begin = all.indexOf('PACK');
  expect(all.subarray(begin - 8, begin).toString()).toBe('0008NAK\n');
  const parser = createPackParser({ packBytes: 1e9, inflatedBytes: 1e9, objects: 1e6 });
  expect([...parser.push(all.subarray(begin)), ...parser.end()]).toHaveLength(objects);
}
