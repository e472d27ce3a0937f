import { describe, expect, it } from 'vitest';
import { type CommitExchange, createCommitExchange, peopleOf } from '../../../../src/engine/commits/commit-exchange.ts';
import type { Pulled } from '../../../../src/engine/commits/pull-commits.ts';
import {
  CommitAnnouncement,
  gitChannelOf,
  PEER_MESSAGE_TYPES,
  type PeerMessage,
} from '../../../../src/engine/devices/peer-message.ts';
import { SyncError } from '../../../../src/errors.ts';
import type { CommitId, DeviceId } from '../../../../src/ids.ts';
import { MERGE_TURN_MS, PULL_HEDGE_MS, PULL_RETRY_MS } from '../../../../src/limits.ts';
import type { Channel, PeerIdentity } from '../../../../src/ports.ts';
import { ENDLESS_ROOM } from '../../../support/conversation/endless-room.ts';
import {
  createFakeNet,
  type FakeNet,
  person,
  type WrittenLog,
  writtenGroup,
} from '../../../support/engine/live-conversations.ts';
import { account, commitId } from '../../../support/events/interactions.ts';
import { only } from '../../../support/only.ts';
import { quietLog } from '../../../support/quiet-log.ts';
import { patience } from '../../../support/time/patience.ts';
import { createVirtualClock, type VirtualClock } from '../../../support/time/virtual-clock.ts';

const [alice, bob, carol, banned] = [person(1), person(2), person(3), person(4)];
const stranger = person(5);
/** Draws the shortest wait there is. */
const FIRST_OF_ALL = { below: () => 0, bytes: (count: number) => new Uint8Array(count) };
/** A commit that is not here. */
const NEWS = commitId(77);

interface Setting {
  readonly net: FakeNet;
  readonly clock: VirtualClock;
  readonly group: WrittenLog;
  readonly exchange: CommitExchange;
  readonly sent: { to: string; message: PeerMessage }[];
  /** What is sent gets there no sooner. */
  reads: Promise<void>;
  readonly pulled: Pulled[];
  readonly refused: Set<CommitId>;
  /** Until when devices are left alone. */
  readonly rests: Map<DeviceId, number>;
  /** Whether each pull might merge two heads that are no merges, in order. */
  readonly mayMerge: (boolean | undefined)[];
  hear(from: PeerIdentity, commit?: CommitId): void;
}

/** The other device reads to the end of what we open, as one that serves its commits does. */
async function readOut(channel: Channel | undefined): Promise<void> {
  if (!channel) return;
  for await (const _ of channel.messages({ signal: patience() })) expect.fail('nothing but the end');
}

async function setUp(self: PeerIdentity = alice): Promise<Setting> {
  const [net, clock, group] = [createFakeNet(), createVirtualClock(), await writtenGroup()];
  for (const peer of [bob, carol, banned, stranger, alice]) if (peer !== self) net.up(peer);
  const open = net.openChannel;
  net.openChannel = async (device, name, options) => {
    const channel = await open(device, name, options);
    readOut(net.opened.findLast((opened) => opened.name === name)).catch(() => {});
    return channel;
  };
  const sent: Setting['sent'] = [];
  const pulled: Pulled[] = [];
  const refused = new Set<CommitId>();
  const rests = new Map<DeviceId, number>();
  const mayMerge: Setting['mayMerge'] = [];
  group.pull = async (options) => {
    mayMerge.push(options.mayMerge?.(0));
    return { outcome: 'up-to-date' };
  };
  const exchange = createCommitExchange({
    ...{
      self,
      net,
      clock,
      random: FIRST_OF_ALL,
      log: quietLog,
      signal: new AbortController().signal,
      room: ENDLESS_ROOM,
    },
    messenger: {
      send: async (to, message) => {
        sent.push({ to, message });
        await setting.reads;
        return true;
      },
    },
    conversation: (id) => (id === group.conversation.id ? group.conversation : undefined),
    isRevoked: () => false,
    isRefused: (head) => refused.has(head),
    leftAloneUntil: (_, from) => rests.get(from) ?? 0,
    onPulled: async (news) => void pulled.push(news),
  });
  const hear: Setting['hear'] = ({ device }, commit = NEWS) =>
    exchange.onAnnouncement(device, { id: group.conversation.id, commit, deviceId: device });
  const setting = {
    ...{ net, clock, group, exchange, sent, pulled, refused, rests, mayMerge, hear },
    reads: Promise.resolve(),
  };
  return setting;
}

describe('announcing a head', () => {
  it('tells members and the invited, nobody else, and not the device it came from', async () => {
    const { exchange, group, sent } = await setUp();
    exchange.announce(group.conversation);
    expect(sent.map(({ to }) => to)).toEqual([bob.device, carol.device]);
    sent.length = 0;
    await new Promise((resolve) => setImmediate(resolve));
    exchange.announce(group.conversation, bob.device);
    expect(sent.map(({ to }) => to)).toEqual([carol.device]);
  });

  it('waits for a device that does not read, and tells it of the last one then', async () => {
    const setting = await setUp();
    const { exchange, group, sent } = setting;
    let read = () => {};
    setting.reads = new Promise((resolve) => {
      read = resolve;
    });
    const heads = [1, 2, 3].map((n) => {
      exchange.announceTo(group.conversation, bob.device);
      return group.write({ kind: 'message-sent', body: `${n}` }).id;
    });
    expect(sent).toHaveLength(1);
    read();
    await new Promise((resolve) => setImmediate(resolve));
    const told = sent.map(({ message }) => CommitAnnouncement.parse(message.content).commit);
    expect(told.slice(1)).toEqual([heads.at(-1)]);
  });

  it('says what the head is now', async () => {
    const { exchange, group, sent } = await setUp();
    const { id } = group.write({ kind: 'message-sent', body: 'news' });
    exchange.announceTo(group.conversation, bob.device);
    const { message } = only(sent);
    expect(message.type).toBe(PEER_MESSAGE_TYPES.announcement);
    expect(CommitAnnouncement.parse(message.content)).toEqual({
      ...{ id: group.conversation.id, commit: id, deviceId: alice.device },
    });
  });
});

describe('hearing of a head', () => {
  it('pulls from the device that announced it, and ends the channel', async () => {
    const { net, exchange, group, hear, pulled } = await setUp();
    hear(bob);
    await exchange.idle();
    expect(only(net.opened).name).toBe(gitChannelOf(bob.device, group.conversation.id));
    expect(only(pulled)).toMatchObject({ from: bob.device, outcome: { outcome: 'up-to-date' } });
  });

  it('leaves alone what is here, what was refused, and conversations that are not here', async () => {
    const { net, exchange, group, refused, hear } = await setUp();
    refused.add(NEWS);
    hear(bob, NEWS);
    hear(bob, group.conversation.log.head());
    const other = writtenGroup({ first: 5000 });
    exchange.onAnnouncement(bob.device, { id: (await other).conversation.id, commit: NEWS, deviceId: bob.device });
    await exchange.idle();
    expect(net.opened).toEqual([]);
  });

  it('leaves a device alone that offered bad commits, hears it out afterwards, and others meanwhile', async () => {
    const { clock, net, exchange, rests, hear } = await setUp();
    const openedTo = () => net.opened.map(({ name }) => [bob, carol].find(({ device }) => name.includes(device)));
    rests.set(bob.device, clock.now() + 5000);
    for (let n = 0; n < 10; n += 1) hear(bob, commitId(70 + n));
    hear(carol);
    await exchange.idle();
    expect(openedTo()).toEqual([carol]);
    await clock.advance(4999);
    await exchange.idle();
    expect(openedTo()).toEqual([carol]);
    await clock.advance(1);
    await exchange.idle();
    expect(openedTo()).toEqual([carol, bob]);
  });

  it('has one pull under way for a device, and looks once more when there was more news', async () => {
    const { net, exchange, hear, group } = await setUp();
    const pulls: (() => void)[] = [];
    group.pull = () => new Promise((resolve) => pulls.push(() => resolve({ outcome: 'up-to-date' })));
    for (let n = 0; n < 5; n += 1) hear(bob, commitId(70 + n));
    hear(carol);
    await expect.poll(() => pulls).toHaveLength(2);
    expect(net.opened.map(({ name }) => name)).toEqual(
      [bob, carol].map(({ device }) => gitChannelOf(device, group.conversation.id)),
    );
    for (const finish of pulls.splice(0)) finish();
    await expect.poll(() => pulls).toHaveLength(1);
    for (const finish of pulls.splice(0)) finish();
    await exchange.idle();
    expect(net.opened).toHaveLength(3);
  });

  it('fetches a head once, whoever tells of it, unless the first one is slow', async () => {
    const { clock, net, hear, group } = await setUp();
    group.pull = () => new Promise(() => {});
    hear(bob);
    hear(carol);
    await expect.poll(() => net.opened).toHaveLength(1);
    await clock.advance(PULL_HEDGE_MS);
    await expect.poll(() => net.opened).toHaveLength(2);
  });

  it('tells who has less than what is here', async () => {
    const { exchange, group, hear, sent, net } = await setUp();
    const old = group.conversation.head();
    group.write({ kind: 'message-sent', body: 'news' });
    await group.conversation.refold();
    hear(bob, old);
    hear(banned, old);
    hear(carol, group.conversation.head());
    await exchange.idle();
    expect(sent.map(({ to }) => to)).toEqual([bob.device]);
    expect(net.opened).toEqual([]);
  });

  it('lets only the smallest id of those linked that could merge do it at once', async () => {
    for (const [self, mayMergeAtOnce] of [
      [alice, true],
      [bob, false],
    ] as const) {
      const { exchange, hear, mayMerge } = await setUp(self);
      hear(carol);
      await exchange.idle();
      expect(mayMerge).toEqual([mayMergeAtOnce]);
    }
  });

  it('tells the one whose turn it is, and merges itself when nothing comes of it', async () => {
    const { clock, exchange, hear, mayMerge, sent } = await divergedFor(bob);
    hear(carol);
    await exchange.idle();
    expect(mayMerge).toEqual([false]);
    expect(only(sent).to).toBe(alice.device);
    await clock.advance(MERGE_TURN_MS - 1);
    await exchange.idle();
    expect(mayMerge).toEqual([false]);
    await clock.advance(1);
    await exchange.idle();
    expect(mayMerge).toEqual([false, true]);
  });

  it('takes the head from another device that has it, when the time is up and the first one is gone', async () => {
    const { clock, exchange, hear, net } = await divergedFor(bob);
    hear(carol);
    await exchange.idle();
    hear(alice);
    net.down(carol);
    await clock.advance(MERGE_TURN_MS);
    await exchange.idle();
    expect(net.opened.map(({ peer }) => peer.device)).toHaveLength(2);
    expect(net.opened.at(-1)?.name).toContain(alice.device);
  });

  it('forgets no head that is told of while it pulls, also when the time for a merge is up meanwhile', async () => {
    const { clock, exchange, group, hear, mayMerge } = await divergedFor(bob);
    const [theirs, later] = [commitId(78), commitId(79)];
    hear(carol);
    await exchange.idle();
    let finish = () => {};
    group.pull = () => new Promise((resolve) => (finish = () => resolve({ outcome: 'up-to-date' })));
    hear(carol, theirs);
    hear(carol, later);
    await clock.advance(MERGE_TURN_MS);
    group.pull = async (options) => {
      mayMerge.push(options.mayMerge?.(0));
      // What the first pull brought; the head told of meanwhile is not among it.
      return { outcome: 'up-to-date' };
    };
    const { has } = group.conversation;
    group.conversation.has = (id) => id === NEWS || id === theirs || has(id);
    finish();
    await exchange.idle();
    expect(mayMerge).toHaveLength(2);
  });

  it('does not merge any more what another one has merged meanwhile', async () => {
    const { clock, exchange, group, hear, mayMerge } = await divergedFor(bob);
    const theirs = group.write({ kind: 'message-sent', body: 'theirs' });
    group.pull = async (options) => {
      mayMerge.push(options.mayMerge?.(0));
      return { outcome: 'diverged', head: theirs.id };
    };
    hear(alice, theirs.id);
    await exchange.idle();
    await group.conversation.refold();
    await clock.advance(MERGE_TURN_MS);
    await exchange.idle();
    expect(mayMerge).toEqual([false]);
  });

  it('waits for a merge also when the channel breaks as soon as all was said', async () => {
    const { clock, exchange, hear, mayMerge, net } = await divergedFor(bob, () => net.opened.at(-1)?.close('gone'));
    hear(alice);
    await exchange.idle();
    await clock.advance(MERGE_TURN_MS);
    await exchange.idle();
    expect(mayMerge).toEqual([false, true]);
  });

  it('tries a pull that broke off again, ever more seldom, while the link is there', async () => {
    const { clock, net, exchange, hear, group, mayMerge, pulled } = await setUp();
    group.pull = async (options) => {
      mayMerge.push(options.mayMerge?.(0));
      throw new SyncError('CHANNEL_CLOSED', { channel: 'git', reason: 'the other side was busy' });
    };
    hear(bob);
    for (const [wait, pulls] of [
      [0, 1],
      [PULL_RETRY_MS, 2],
      [PULL_RETRY_MS, 2],
      [PULL_RETRY_MS, 3],
    ] as const) {
      await clock.advance(wait);
      await exchange.idle();
      expect(mayMerge).toHaveLength(pulls);
    }
    net.down(bob);
    await clock.advance(8 * PULL_RETRY_MS);
    await exchange.idle();
    expect(mayMerge).toHaveLength(3);
    expect(pulled).toEqual([]);
  });
});

/** Every pull finds that the other side went on another way, unless it may merge. */
async function divergedFor(self: PeerIdentity, onPull = () => {}): Promise<Setting> {
  const setting = await setUp(self);
  const { group, mayMerge } = setting;
  group.pull = async (options) => {
    onPull();
    mayMerge.push(options.mayMerge?.(0));
    return mayMerge.at(-1) ? { outcome: 'up-to-date' } : { outcome: 'diverged', head: NEWS };
  };
  return setting;
}

describe('the people to be linked', () => {
  it('are self and all who take part or are invited', async () => {
    const { group } = await setUp();
    expect(peopleOf([group.conversation], account(9))).toEqual(
      new Set([account(9), alice.account, bob.account, carol.account]),
    );
  });
});
