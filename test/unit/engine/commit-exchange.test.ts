import { describe, expect, it } from 'vitest';
import {
  type CommitExchange,
  createCommitExchange,
  type Pulled,
  peopleOf,
} from '../../../src/engine/commit-exchange.ts';
import {
  CommitAnnouncement,
  gitChannelOf,
  PEER_MESSAGE_TYPES,
  type PeerMessage,
} from '../../../src/engine/peer-message.ts';
import { SyncError } from '../../../src/errors.ts';
import type { CommitId, DeviceId } from '../../../src/ids.ts';
import { MERGE_PATIENCE_MS } from '../../../src/limits.ts';
import type { Channel } from '../../../src/ports.ts';
import { account, commitId } from '../../support/interactions.ts';
import {
  createFakeNet,
  type FakeNet,
  person,
  type WrittenLog,
  writtenGroup,
} from '../../support/live-conversations.ts';
import { quietLog } from '../../support/nets.ts';
import { only } from '../../support/only.ts';
import { until } from '../../support/until.ts';
import { createVirtualClock, type VirtualClock } from '../../support/virtual-clock.ts';

const [alice, bob, carol, banned] = [person(1), person(2), person(3), person(4)];
const stranger = person(5);
/** A commit that is not here. */
const NEWS = commitId(77);

interface Setting {
  readonly net: FakeNet;
  readonly clock: VirtualClock;
  readonly group: WrittenLog;
  readonly exchange: CommitExchange;
  readonly sent: { to: DeviceId; message: PeerMessage }[];
  readonly pulled: Pulled[];
  readonly refused: Set<CommitId>;
  /** Whether each pull might merge, in order. */
  readonly mayMerge: (boolean | undefined)[];
  hear(from: DeviceId, commit?: CommitId): void;
}

/** The other device reads to the end of what we open, as one that serves its commits does. */
async function readOut(channel: Channel | undefined): Promise<void> {
  if (!channel) return;
  for await (const _ of channel.messages({ signal: AbortSignal.timeout(5000) })) expect.fail('nothing but the end');
}

async function setUp(self: DeviceId = alice.device): Promise<Setting> {
  const [net, clock, group] = [createFakeNet(), createVirtualClock(), await writtenGroup()];
  for (const peer of [bob, carol, banned, stranger, alice]) if (peer.device !== self) net.up(peer);
  const open = net.openChannel;
  net.openChannel = async (device, name, options) => {
    const channel = await open(device, name, options);
    readOut(net.opened.findLast((opened) => opened.name === name)).catch(() => {});
    return channel;
  };
  const sent: Setting['sent'] = [];
  const pulled: Pulled[] = [];
  const refused = new Set<CommitId>();
  const mayMerge: Setting['mayMerge'] = [];
  group.pull = async (options) => {
    mayMerge.push(options.mayMerge);
    return { outcome: 'up-to-date' };
  };
  const exchange = createCommitExchange({
    ...{ self, net, clock, log: quietLog, signal: new AbortController().signal },
    messenger: {
      send: async (to, message) => {
        sent.push({ to, message });
        return true;
      },
    },
    conversation: (id) => (id === group.conversation.id ? group.conversation : undefined),
    isRevoked: () => false,
    isRefused: (head) => refused.has(head),
    onPulled: async (news) => void pulled.push(news),
  });
  const hear: Setting['hear'] = (from, commit = NEWS) =>
    exchange.onAnnouncement(from, { id: group.conversation.id, commit, deviceId: from });
  return { net, clock, group, exchange, sent, pulled, refused, mayMerge, hear };
}

describe('announcing a head', () => {
  it('tells members and the invited, nobody else, and not the device it came from', async () => {
    const { exchange, group, sent } = await setUp();
    exchange.announce(group.conversation);
    expect(sent.map(({ to }) => to)).toEqual([bob.device, carol.device]);
    sent.length = 0;
    exchange.announce(group.conversation, bob.device);
    expect(sent.map(({ to }) => to)).toEqual([carol.device]);
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
    hear(bob.device);
    await exchange.idle();
    expect(only(net.opened).name).toBe(gitChannelOf(bob.device, group.conversation.id));
    expect(only(pulled)).toMatchObject({ from: bob.device, outcome: { outcome: 'up-to-date' } });
  });

  it('leaves alone what is here, what was refused, and conversations that are not here', async () => {
    const { net, exchange, group, refused, hear } = await setUp();
    refused.add(NEWS);
    hear(bob.device, NEWS);
    hear(bob.device, group.conversation.log.head());
    const other = writtenGroup({ first: 5000 });
    exchange.onAnnouncement(bob.device, { id: (await other).conversation.id, commit: NEWS, deviceId: bob.device });
    await exchange.idle();
    expect(net.opened).toEqual([]);
  });

  it('has one pull under way for a device, and looks once more when there was more news', async () => {
    const { net, exchange, hear, group } = await setUp();
    const pulls: (() => void)[] = [];
    group.pull = () => new Promise((resolve) => pulls.push(() => resolve({ outcome: 'up-to-date' })));
    for (let n = 0; n < 5; n += 1) hear(bob.device, commitId(70 + n));
    hear(carol.device);
    await until(() => pulls.length === 2);
    expect(net.opened.map(({ name }) => name)).toEqual(
      [bob, carol].map(({ device }) => gitChannelOf(device, group.conversation.id)),
    );
    for (const finish of pulls.splice(0)) finish();
    await until(() => pulls.length === 1);
    for (const finish of pulls.splice(0)) finish();
    await exchange.idle();
    expect(net.opened).toHaveLength(3);
  });

  it('lets only the device with the smaller id merge at once', async () => {
    for (const [self, other, mayMergeAtOnce] of [
      [alice, bob, true],
      [bob, alice, false],
    ] as const) {
      const { exchange, hear, mayMerge } = await setUp(self.device);
      hear(other.device);
      await exchange.idle();
      expect(mayMerge).toEqual([mayMergeAtOnce]);
    }
  });

  it('tells the other side when merging is left to it, and merges itself when that does not happen', async () => {
    const { clock, exchange, group, hear, mayMerge, sent } = await setUp(bob.device);
    group.pull = async (options) => {
      mayMerge.push(options.mayMerge);
      return options.mayMerge ? { outcome: 'up-to-date' } : { outcome: 'diverged', head: NEWS };
    };
    hear(alice.device);
    await exchange.idle();
    expect(mayMerge).toEqual([false]);
    expect(only(sent).to).toBe(alice.device);
    await clock.advance(MERGE_PATIENCE_MS - 1);
    await exchange.idle();
    expect(mayMerge).toEqual([false]);
    await clock.advance(1);
    await exchange.idle();
    expect(mayMerge).toEqual([false, true]);
  });

  it('waits once for a peer, however many heads it tells of meanwhile, and merges the latest', async () => {
    const { clock, exchange, group, hear, mayMerge } = await setUp(bob.device);
    group.pull = async (options) => {
      mayMerge.push(options.mayMerge);
      return options.mayMerge ? { outcome: 'up-to-date' } : { outcome: 'diverged', head: NEWS };
    };
    const waits: number[] = [];
    const wait = clock.wait;
    clock.wait = (ms, signal) => {
      waits.push(ms);
      return wait(ms, signal);
    };
    for (let n = 0; n < 5; n += 1) {
      hear(alice.device, commitId(70 + n));
      await exchange.idle();
    }
    await clock.advance(MERGE_PATIENCE_MS);
    await exchange.idle();
    expect(mayMerge).toEqual([false, false, false, false, false, true]);
    expect(waits).toEqual([MERGE_PATIENCE_MS]);
  });

  it('does not merge any more what the other side has merged meanwhile', async () => {
    const { clock, exchange, group, hear, mayMerge } = await setUp(bob.device);
    const merged = group.write({ kind: 'message-sent', body: 'theirs' });
    group.pull = async (options) => {
      mayMerge.push(options.mayMerge);
      return { outcome: 'diverged', head: merged.id };
    };
    hear(alice.device, merged.id);
    await exchange.idle();
    await group.conversation.refold();
    await clock.advance(MERGE_PATIENCE_MS);
    await exchange.idle();
    expect(mayMerge).toEqual([false]);
  });

  it('waits for a merge also when the channel breaks as soon as all was said', async () => {
    const { clock, exchange, group, hear, mayMerge, net } = await setUp(bob.device);
    group.pull = async (options) => {
      mayMerge.push(options.mayMerge);
      net.opened.at(-1)?.close('gone');
      return { outcome: 'diverged', head: NEWS };
    };
    hear(alice.device);
    await exchange.idle();
    await clock.advance(MERGE_PATIENCE_MS);
    await exchange.idle();
    expect(mayMerge).toEqual([false, true]);
  });

  it('forgets a pull that breaks off: the next announcement starts it again', async () => {
    const { exchange, hear, group, mayMerge, pulled } = await setUp();
    group.pull = async (options) => {
      mayMerge.push(options.mayMerge);
      throw new SyncError('CHANNEL_CLOSED', { channel: 'git', reason: 'the link broke' });
    };
    hear(bob.device);
    await exchange.idle();
    hear(bob.device);
    await exchange.idle();
    expect(mayMerge).toHaveLength(2);
    expect(pulled).toEqual([]);
  });
});

describe('the people to be linked', () => {
  it('are self and all who take part or are invited', async () => {
    const { group } = await setUp();
    expect(peopleOf([group.conversation], account(9))).toEqual(
      new Set([account(9), alice.account, bob.account, carol.account]),
    );
  });
});
