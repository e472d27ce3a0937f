import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createPackParser } from '../../../../src/conversation/repository/packs/pack-parser.ts';
import type { Objects } from '../../../../src/conversation/repository/repository.ts';
import type { PacketChannel } from '../../../../src/conversation/sync/packet-channel.ts';
import { createPacketDecoder, packetText } from '../../../../src/conversation/sync/pkt-line.ts';
import { createSendLists } from '../../../../src/conversation/sync/send-lists.ts';
import { type Agreed, sendPack } from '../../../../src/conversation/sync/send-pack.ts';
import { bandOf, packBytesOf } from '../../../../src/conversation/sync/side-band.ts';
import { isSyncError, SyncError } from '../../../../src/errors.ts';
import { CommitId } from '../../../../src/ids.ts';
import { GIT_PROGRESS_MS } from '../../../../src/limits.ts';
import { memoryObjects, writeHistory } from '../../../support/git/git-objects.ts';
import { createVirtualClock, type VirtualClock } from '../../../support/time/virtual-clock.ts';

const COMMITS = 5;

async function history() {
  const objects = memoryObjects();
  const head = (await writeHistory(objects, COMMITS)).at(-1);
  if (head === undefined) throw new TypeError('there is no history');
  return { objects, head };
}

/** Objects of which one takes so long to be read for the first time. */
function slowAt(objects: Objects, { id: slow, ms, clock }: { id: CommitId; ms: number; clock: VirtualClock }): Objects {
  let isFirst = true;
  return {
    ...objects,
    async read(id) {
      const isSlow = isFirst && id === slow;
      if (isSlow) isFirst = false;
      if (isSlow) await clock.wait(ms, new AbortController().signal);
      return objects.read(id);
    },
  };
}

/** What a client with these capabilities is sent when it asks for the head and has nothing. */
async function sentTo(capabilities: readonly string[], { slowMs = 0 } = {}) {
  const clock = createVirtualClock();
  const { objects: all, head } = await history();
  const objects = slowMs > 0 ? slowAt(all, { id: head, ms: slowMs, clock }) : all;
  const written: Uint8Array[] = [];
  const packets: PacketChannel = {
    read: async () => undefined,
    write: async (...some) => void written.push(...some),
    flush: async () => {},
    release: async () => {},
  };
  const sending = sendPack(
    { repository: { objects }, lists: createSendLists(objects), packets, clock },
    {
      list: { capabilities: new Set(capabilities), wants: [head], shallow: [], depth: undefined },
      cut: { shallow: [], unshallow: [], ends: new Set(), uncovered: [] },
      haves: [],
      offer: { head, headBranch: undefined, refs: [] },
    },
  );
  let isOver = false;
  void sending.finally(() => {
    isOver = true;
  });
  for (; !isOver; await nextTurn()) await clock.advance(GIT_PROGRESS_MS / 2);
  await sending;
  const payloads = [...createPacketDecoder().push(Buffer.concat(written))].flatMap((packet) =>
    packet.kind === 'data' ? [packet.payload] : [],
  );
  return {
    told: payloads.filter((one) => bandOf(one) === 'progress').map((one) => packetText(one.subarray(1))),
    pieces: payloads.flatMap((one) => packBytesOf(one) ?? []),
    all,
  };
}

function objectsIn(pieces: readonly Uint8Array[]): number {
  const parser = createPackParser({ packBytes: 1e6, inflatedBytes: 1e6, objects: 1e3 });
  const entries = pieces.flatMap((piece) => [...parser.push(piece)]);
  return entries.length + [...parser.end()].length;
}

describe('a pack that takes a while to be put together', () => {
  it('is announced by a count, again and again, so that nobody takes the server for dead', async () => {
    const { told, pieces, all } = await sentTo(['side-band-64k'], { slowMs: 3 * GIT_PROGRESS_MS });
    expect(told.at(0)).toBe('Counting objects: 0\r');
    expect(told.at(-1)).toBe(`Counting objects: ${all.all.size}, done.`);
    expect(objectsIn(pieces)).toBe(all.all.size);
  });

  it('is announced by empty pieces to who wants no progress', async () => {
    const { told, pieces, all } = await sentTo(['side-band-64k', 'no-progress'], { slowMs: 3 * GIT_PROGRESS_MS });
    expect(told).toEqual([]);
    expect(pieces.at(0)?.byteLength).toBe(0);
    expect(objectsIn(pieces)).toBe(all.all.size);
  });

  it('is not announced when it is there at once', async () => {
    const { told, pieces } = await sentTo(['side-band-64k']);
    expect(told).toEqual([]);
    expect(pieces.every(({ byteLength }) => byteLength > 0)).toBe(true);
  });
});

describe('a repository that lies in one pack', () => {
  const PACK = Buffer.from('PACK, as it lies there');
  const [one, other] = ['a', 'b'].map((digit) => CommitId.parse(digit.repeat(40))) as [CommitId, CommitId];
  const all = { head: one, headBranch: undefined, refs: [{ name: 'refs/heads/side', id: other }], isAll: true };
  const everything = { capabilities: new Set(['ofs-delta']), wants: [one, other], shallow: [], depth: undefined };
  const fresh = { list: everything, cut: { shallow: [], unshallow: [], ends: new Set<CommitId>(), uncovered: [] } };

  /** What is sent; nothing of the repository can be read but its pack. */
  async function sentAsItIs(agreed: Partial<Agreed>): Promise<string | undefined> {
    const written: Uint8Array[] = [];
    const unread = () => Promise.reject(new SyncError('CANCELLED', { what: 'Reading' }));
    const objects: Objects = { read: unread, has: unread };
    async function* wholePack() {
      yield PACK;
    }
    const packets: PacketChannel = {
      ...{ read: async () => undefined, flush: async () => {}, release: async () => {} },
      write: async (...some) => void written.push(...some),
    };
    const sender = { repository: { objects, wholePack }, lists: createSendLists(objects), clock: createVirtualClock() };
    const sending = sendPack({ ...sender, packets }, { ...fresh, haves: [], offer: all, ...agreed });
    const isSent = await sending.then(
      () => true,
      (error: unknown) => !isSyncError(error, 'CANCELLED'),
    );
    return isSent ? Buffer.concat(written).toString() : undefined;
  }

  it('sends it as it is to who has nothing and wants all', async () => {
    expect(await sentAsItIs({})).toBe(PACK.toString());
  });

  it.each<[string, Partial<Agreed>]>([
    ['has something', { haves: [one] }],
    ['wants one branch only', { list: { ...everything, wants: [one] } }],
    ['wants the newest commits only', { list: { ...everything, depth: 3 } }],
    ['has the newest commits only', { list: { ...everything, shallow: [one] } }],
    ['does not know how deltas name their bases there', { list: { ...everything, capabilities: new Set() } }],
    ['was not offered all there is', { offer: { ...all, isAll: false } }],
  ])('makes another one for who %s', async (_who, agreed) => {
    expect(await sentAsItIs(agreed)).toBeUndefined();
  });
});

describe('the list of what is to be sent', () => {
  it('is made once for all who have nothing, and for each who has something', async () => {
    const { objects, head } = await history();
    let reads = 0;
    const lists = createSendLists({
      ...objects,
      read(id) {
        reads += 1;
        return objects.read(id);
      },
    });
    const whole = await Promise.all([1, 2, 3].map(() => lists.of({ wants: [head], haves: [] }).ids));
    expect(whole.map((ids) => ids.length)).toEqual([objects.all.size, objects.all.size, objects.all.size]);
    const readsForAll = reads;
    expect(await lists.of({ wants: [head], haves: [] }).ids).toBe(whole[0]);
    expect(reads).toBe(readsForAll);
    expect(await lists.of({ wants: [head], haves: [head] }).ids).toEqual([]);
    expect(reads).toBeGreaterThan(readsForAll);
  });

  it('is made anew after it failed', async () => {
    const { objects, head } = await history();
    let isBroken = true;
    const lists = createSendLists({
      ...objects,
      read: (id) => (isBroken ? Promise.reject(new Error('the disk is gone')) : objects.read(id)),
    });
    await expect(lists.of({ wants: [head], haves: [] }).ids).rejects.toThrow('gone');
    isBroken = false;
    expect(await lists.of({ wants: [head], haves: [] }).ids).toHaveLength(objects.all.size);
  });
});
