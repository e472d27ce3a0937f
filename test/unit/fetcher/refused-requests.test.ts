/** A thousand requests for what is not given away: each is declined with its reason and counted, and nothing is hashed. */
import { describe, expect, it } from 'vitest';
import { FILE_REQUEST_TYPE } from '../../../src/events/peer/file-request.ts';
import type { FetcherOptions } from '../../../src/fetcher/fetcher-options.ts';
import type { AnnouncedFile, BatchDisk, ChunkChecker, Digester } from '../../../src/fetcher/ports.ts';
import { countRequest, NO_REQUESTS } from '../../../src/fetcher/request-counts.ts';
import { batchChannelName } from '../../../src/fetcher/small/batch-channel.ts';
import { decodeBatchMessage, encodeBatchStatement } from '../../../src/fetcher/small/batch-message.ts';
import { BATCH_FILES, REQUESTS_PER_MINUTE, SMALL_FILE_BYTES } from '../../../src/limits.ts';
import type { PeerIdentity } from '../../../src/ports.ts';
import { announcedFile, inChunks, someBytes } from '../../support/fetcher/announced-file.ts';
import {
  createFetcherNetwork,
  type FetcherDevice,
  type FetcherNetwork,
} from '../../support/fetcher/fetcher-network.ts';
import { inlineBatchDisk } from '../../support/fetcher/inline-batch-disk.ts';
import { inlineChunkChecker, inlineDigester } from '../../support/fetcher/inline-digester.ts';
import { put } from '../../support/fetcher/transfer.ts';
import { channelPair, somePeer } from '../../support/net/channel-pair.ts';
import { patience } from '../../support/time/patience.ts';
import { until } from '../../support/time/until.ts';
import { createVirtualClock } from '../../support/time/virtual-clock.ts';

const REQUESTS = 1000;
const SIZE = 65_536;
const bytes = someBytes(3 * SIZE);
const file = inChunks(announcedFile(bytes), bytes, SIZE);
const bob = somePeer('b');
/** Another device of bob's account. */
const bobsLost: PeerIdentity = { device: somePeer('d').device, account: bob.account };

/** What is done to find out about bytes, counted. */
function countingDisk() {
  const counted = { hashed: 0, read: 0 };
  const digester: Digester = {
    ...inlineDigester(),
    async identify(path, options) {
      counted.hashed += 1;
      return await inlineDigester().identify(path, options);
    },
  };
  const checker: ChunkChecker = {
    ...inlineChunkChecker(),
    async hashesOf(path, options) {
      counted.hashed += 1;
      return await inlineChunkChecker().hashesOf(path, options);
    },
  };
  const batchDisk: BatchDisk = {
    ...inlineBatchDisk,
    async read(paths) {
      counted.read += paths.length;
      return await inlineBatchDisk.read(paths);
    },
  };
  return { counted, digester, checker, batchDisk };
}

/** Alice has the file's bytes, and has not looked at them yet; bob is a member. */
async function aliceWith(options: Partial<FetcherOptions> = {}) {
  const { counted, digester, checker, batchDisk } = countingDisk();
  const clock = createVirtualClock();
  const network = createFetcherNetwork({ digester, clock });
  network.files.push(file);
  const alice = await network.join('a', { checker, batchDisk, ...options });
  await network.join('b');
  await put(alice.store, file, bytes);
  const ask = (peer: PeerIdentity, deviceId = peer.device) => {
    const { conversation, interaction } = file;
    alice.fetcher.onMessage(peer, FILE_REQUEST_TYPE, { conversation, interaction, deviceId });
  };
  return { network, clock, alice, counted, ask };
}

/** Each is counted once it has its answer. */
async function untilAnswered({ fetcher }: FetcherDevice, count: number): Promise<void> {
  const counted = ({ served, declined } = fetcher.requestCounts()) =>
    Object.values(declined).reduce((sum, reason) => sum + reason, served);
  await until(() => counted() >= count);
}

const deleted = (files: AnnouncedFile[]) =>
  void files.splice(0, files.length, ...files.map((one) => ({ ...one, isDeleted: true })));

describe('a thousand requests', () => {
  it.each<{
    who: string;
    reason: string;
    peer?: PeerIdentity;
    options?: Partial<FetcherOptions>;
    given?: (network: FetcherNetwork) => void;
  }>([
    { who: 'for a deleted file', reason: 'deleted', given: ({ files }) => deleted(files) },
    { who: 'of a banned member', reason: 'not-a-member', given: ({ members }) => void members.delete(bob.device) },
    { who: 'of a revoked device, whose account is a member', reason: 'not-a-member', peer: bobsLost },
    { who: 'after a cancel', reason: 'withheld', options: { wishOf: () => 'cancelled' } },
    { who: 'while it is paused', reason: 'paused', options: { wishOf: () => 'paused' } },
  ])('$who are declined as $reason, and nothing is hashed', async ({ reason, peer = bob, options, given }) => {
    const { network, clock, alice, counted, ask } = await aliceWith(options);
    given?.(network);
    for (let asked = 0; asked < REQUESTS; asked += 1) {
      ask(peer);
      await clock.advance(60_000 / REQUESTS_PER_MINUTE);
    }
    await untilAnswered(alice, REQUESTS);
    expect(alice.fetcher.requestCounts()).toEqual({ served: 0, declined: { [reason]: REQUESTS } });
    expect(counted).toEqual({ hashed: 0, read: 0 });
    expect(alice.journal).toEqual([]);
  });

  it('at the same moment are declined for their number from some on, and each is answered', async () => {
    const { network, alice, counted, ask } = await aliceWith();
    network.members.delete(bob.device);
    for (let asked = 0; asked < REQUESTS; asked += 1) ask(bob);
    const declined = { 'not-a-member': REQUESTS_PER_MINUTE, 'too-many-requests': REQUESTS - REQUESTS_PER_MINUTE };
    await untilAnswered(alice, REQUESTS);
    expect(alice.fetcher.requestCounts()).toEqual({ served: 0, declined });
    await alice.fetcher.close();
    expect(network.messages.filter(({ content }) => 'reason' in content).length).toBe(REQUESTS);
    expect(counted.hashed).toBe(0);
  });

  it('for a file whose bytes are wrong here hash it once', async () => {
    const { clock, alice, counted, ask } = await aliceWith();
    await put(alice.store, file, someBytes(bytes.length, 2));
    for (let asked = 0; asked < REQUESTS; asked += 1) {
      ask(bob);
      await clock.advance(60_000 / REQUESTS_PER_MINUTE);
    }
    const declined = { 'digest-mismatch': REQUESTS };
    await untilAnswered(alice, REQUESTS);
    expect(alice.fetcher.requestCounts()).toEqual({ served: 0, declined });
    expect(counted.hashed).toBe(1);
  });

  it('in the name of another device are declined before the log is asked', async () => {
    const { alice, counted, ask } = await aliceWith();
    ask(bob, bobsLost.device);
    await untilAnswered(alice, 1);
    expect(alice.fetcher.requestCounts()).toEqual({ served: 0, declined: { 'not-that-device': 1 } });
    expect(counted.hashed).toBe(0);
  });
});

describe('a thousand small files', () => {
  const small = Array.from({ length: REQUESTS }, (_, place) => announcedFile(someBytes(20, place), 0x1000 + place));

  it.each<{ what: string; reason: string; options?: Partial<FetcherOptions>; isDeleted?: boolean; isGone?: boolean }>([
    { what: 'deleted', reason: 'deleted', isDeleted: true },
    { what: 'cancelled', reason: 'withheld', options: { wishOf: () => 'cancelled' } },
    { what: 'paused', reason: 'paused', options: { wishOf: () => 'paused' } },
    { what: 'cancelled, and gone', reason: 'has-not', options: { wishOf: () => 'cancelled' }, isGone: true },
  ])('that are $what are declined on their channel, and none is read', async (given) => {
    const { reason, options, isDeleted, isGone } = given;
    const { network, alice, counted } = await aliceWith(options);
    network.files.push(...small);
    if (!isGone) for (const [place, one] of small.entries()) await put(alice.store, one, someBytes(20, place));
    if (isDeleted) deleted(network.files);
    await using pair = channelPair(batchChannelName(alice.self.device), { leftPeer: bob, rightPeer: alice.self });
    const serving = alice.fetcher.serveChannel(pair.right);
    const heard = hearDeclined(pair.left, REQUESTS);
    for (let first = 0; first < REQUESTS; first += BATCH_FILES) {
      const interactions = small.slice(first, first + BATCH_FILES).map(({ interaction }) => interaction);
      await pair.left.send(encodeBatchStatement({ say: 'ask', conversation: file.conversation, interactions }));
    }
    expect(new Set(await heard)).toEqual(new Set([reason]));
    expect(alice.fetcher.requestCounts()).toEqual({ served: 0, declined: { [reason]: REQUESTS } });
    expect(counted).toEqual({ hashed: 0, read: 0 });
    pair.left.close();
    await serving;
  });

  it('that are longer than small ones are declined as that', async () => {
    const { network, alice, counted } = await aliceWith();
    const long = announcedFile(someBytes(SMALL_FILE_BYTES + 1), 0x1000);
    network.files.push(long);
    await put(alice.store, long, someBytes(SMALL_FILE_BYTES + 1));
    await using pair = channelPair(batchChannelName(alice.self.device), { leftPeer: bob, rightPeer: alice.self });
    const serving = alice.fetcher.serveChannel(pair.right);
    const heard = hearDeclined(pair.left, 1);
    const { conversation, interaction } = long;
    await pair.left.send(encodeBatchStatement({ say: 'ask', conversation, interactions: [interaction] }));
    expect(await heard).toEqual(['not-small']);
    expect(counted).toEqual({ hashed: 0, read: 0 });
    pair.left.close();
    await serving;
  });
});

/** The reasons of so many files that were declined. */
async function hearDeclined(channel: ReturnType<typeof channelPair>['left'], count: number): Promise<string[]> {
  const reasons: string[] = [];
  for await (const message of channel.messages({ signal: patience() })) {
    const heard = decodeBatchMessage(message);
    if (heard.kind !== 'statement' || heard.statement.say !== 'declined') throw new TypeError('A file was sent.');
    reasons.push(...heard.statement.files.map(([, reason]) => reason));
    if (reasons.length >= count) break;
  }
  return reasons;
}

describe('a request', () => {
  it('that is served is counted as such, whether it came by itself or with others', async () => {
    const { network, alice, counted } = await aliceWith();
    const tiny = announcedFile(someBytes(20), 9);
    network.files.push(tiny);
    await put(alice.store, tiny, someBytes(20));
    const carol = await network.join('c');
    const signal = new AbortController().signal;
    const outcomes = [file, tiny].map((one) => carol.fetcher.request(one, alice.self.device, { signal }));
    expect(await Promise.all(outcomes)).toEqual([{ outcome: 'complete' }, { outcome: 'complete' }]);
    await untilAnswered(alice, 2);
    expect(alice.fetcher.requestCounts()).toEqual({ served: 2, declined: {} });
    expect(counted.hashed).toBeGreaterThan(0);
  });

  it('is one more of its kind, and changes no other count', () => {
    const counts = [undefined, 'deleted', 'paused', 'deleted', undefined].reduce(
      (sum, reason) => countRequest(sum, reason as 'deleted' | 'paused' | undefined),
      NO_REQUESTS,
    );
    expect(counts).toEqual({ served: 2, declined: { deleted: 2, paused: 1 } });
  });
});
