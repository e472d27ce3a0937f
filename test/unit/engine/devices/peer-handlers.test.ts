import { beforeEach, describe, expect, it } from 'vitest';
import type { CommitExchange } from '../../../../src/engine/commits/commit-exchange.ts';
import type { LiveConversation } from '../../../../src/engine/conversations/live-conversation.ts';
import type { Invitations } from '../../../../src/engine/devices/invitations.ts';
import {
  createPeerHandlers,
  onPeerMessage,
  type PeerHandlersParts,
} from '../../../../src/engine/devices/peer-handlers.ts';
import { gitChannelOf, messageChannelOf, PEER_MESSAGE_TYPES } from '../../../../src/engine/devices/peer-message.ts';
import type { EngineChange } from '../../../../src/engine/engine.ts';
import { createFeed } from '../../../../src/engine/feed.ts';
import { FILE_REQUEST_TYPE } from '../../../../src/events/peer/file-request.ts';
import { batchChannelName } from '../../../../src/fetcher/small/batch-channel.ts';
import { transferChannelName } from '../../../../src/fetcher/transfer/transfer-channel.ts';
import { type ConversationId, FileId } from '../../../../src/ids.ts';
import type { NetHandlers } from '../../../../src/net/net.ts';
import type { PeerIdentity } from '../../../../src/ports.ts';
import { createFakeNet, person, writtenGroup } from '../../../support/engine/live-conversations.ts';
import { commitId } from '../../../support/events/interactions.ts';
import { testAccount } from '../../../support/identity/accounts.ts';
import { channelPair } from '../../../support/net/channel-pair.ts';
import { quietLog } from '../../../support/quiet-log.ts';
import { thrownBy } from '../../../support/thrown.ts';
import { createVirtualClock } from '../../../support/time/virtual-clock.ts';

const PEOPLE = { member: person(2), invited: person(3), banned: person(4), stranger: person(5) } as const;
/** A device of a member that was banned on its own: account 2 with device 6. */
const bannedDevice: PeerIdentity = { account: person(2).account, device: person(6).device };

/** Another device of the same member, which its account has revoked. */
const revoked: PeerIdentity = { account: person(2).account, device: person(7).device };

interface Setting {
  readonly handlers: NetHandlers;
  readonly parts: PeerHandlersParts;
  readonly group: LiveConversation;
  /** What the parts were told, in order. */
  readonly told: string[];
}

async function setUp(): Promise<Setting> {
  const written = await writtenGroup();
  written.write({ kind: 'member-banned', uri: bannedDevice.device });
  await written.conversation.refold();
  const group = written.conversation;
  const told: string[] = [];
  const note =
    (what: string) =>
    (...about: readonly unknown[]) =>
      void told.push([what, ...about.filter((one) => typeof one === 'string')].join(' '));
  const exchange: CommitExchange = {
    announce: note('announce'),
    announceTo: (_, device) => void told.push(`announce to ${device.slice(-1)}`),
    onAnnouncement: note('announced by'),
    idle: async () => {},
  };
  const invitations: Invitations = {
    tell: (_, device) => void told.push(`invite ${device.slice(-1)}`),
    tellAll: note('tell all'),
    forget: (device) => void told.push(`invitations to ${device.slice(-1)} forgotten`),
    receive: () => void told.push('invited'),
    waiting: () => [],
  };
  const parts: PeerHandlersParts = {
    keys: await testAccount('alice'),
    live: new Map<ConversationId, LiveConversation>([[group.id, group]]),
    log: quietLog,
    feed: createFeed<EngineChange>(),
    ...{ clock: createVirtualClock(), signal: new AbortController().signal },
    exchange,
    invitations,
    messenger: {
      send: async () => true,
      serve: async () => void told.push('messages'),
      forget: (device) => void told.push(`forget ${device.slice(-1)}`),
    },
    fetcher: {
      onMessage: (_, type) => {
        told.push(`fetcher ${type}`);
        return type === FILE_REQUEST_TYPE;
      },
      serveChannel: async () => void told.push('transfer'),
      onUnlinked: (device) => void told.push(`unlinked ${device.slice(-1)}`),
    },
    offers: { onLinked: () => {}, receive: () => false },
    own: {
      tell: (device) => void told.push(`conversations to ${device.slice(-1)}`),
      onLinked: () => {},
      receive: async () => void told.push('conversations'),
    },
    standing: {
      isRevoked: ({ device }) => device === revoked.device,
      proofFor: () => 'see for yourself',
      news: {
        tell: async ({ device }) => void told.push(`revocations to ${device.slice(-1)}`),
        tellAll: async () => {},
        forget: (device) => void told.push(`revocations to ${device.slice(-1)} forgotten`),
      },
      receive: async () => void told.push('revocation'),
      onTurnedAway: (proof) => void told.push(`turned away: ${proof}`),
    },
    banNews: {
      tell: ({ device }) => void told.push(`bans to ${device.slice(-1)}`),
      forget: (device) => void told.push(`bans to ${device.slice(-1)} forgotten`),
      proofFor: () => 'so the admins say',
    },
    bansHeard: {
      receive: async () => void told.push('ban'),
      onTurnedAway: (proof) => void told.push(`banned: ${proof}`),
    },
    peers: {
      wake: (account) => void told.push(`wake ${account.slice(-1)}`),
      wakeAll: () => void told.push('wake all'),
    },
    sightings: { note: ({ device }) => void told.push(`seen ${device.slice(-1)}`) },
    planner: { poke: () => void told.push('plan') },
    holdings: { greet: () => {}, forget: () => {}, receive: () => false },
  };
  return { handlers: createPeerHandlers(parts), parts, group, told };
}

describe('what peers may do', () => {
  let setting: Setting;
  beforeEach(async () => {
    setting = await setUp();
  });

  it.each([
    ['member', true],
    ['invited', true],
    ['stranger', true],
    ['banned', false],
  ] as const)('a %s may be linked: %s', (who, isAdmitted) => {
    expect(setting.handlers.admitPeer(PEOPLE[who]).accept).toBe(isAdmitted);
  });

  it('who takes part in nothing here is a stranger, for whom there is less room', () => {
    const { handlers, parts } = setting;
    const own = { account: parts.keys.account, device: PEOPLE.stranger.device };
    const answers = [PEOPLE.member, PEOPLE.invited, own, PEOPLE.stranger].map((peer) => handlers.admitPeer(peer));
    expect(answers).toEqual([...Array(3).fill({ accept: true }), { accept: true, isStranger: true }]);
  });

  it('a banned device of a member stays outside and is handed the ban, and the member’s other devices do not', () => {
    expect(setting.handlers.admitPeer(bannedDevice)).toEqual({
      ...{ accept: false, reason: 'banned' },
      proof: 'so the admins say',
    });
    expect(setting.handlers.admitPeer(PEOPLE.member)).toEqual({ accept: true });
  });

  it('a device that its account has revoked stays outside, and is handed the proof', () => {
    const { handlers } = setting;
    expect(handlers.admitPeer(revoked)).toEqual({ accept: false, reason: 'revoked', proof: 'see for yourself' });
  });

  it('a channel is kept by whoever may have it now, in either direction', async () => {
    const { handlers, parts, group } = setting;
    const fileId = FileId.parse(`${commitId(9)}_1.png`);
    const kept = (peer: PeerIdentity) =>
      [parts.keys.device, peer.device].map((receiver) => ({
        files: handlers.keepsChannel({ name: transferChannelName({ conversation: group.id, receiver, fileId }), peer }),
        commits: handlers.keepsChannel({ name: gitChannelOf(receiver, group.id), peer }),
        smallFiles: handlers.keepsChannel({ name: batchChannelName(receiver), peer }),
        messages: handlers.keepsChannel({ name: messageChannelOf(receiver), peer }),
      }));
    const both = (one: { files: boolean; commits: boolean }) => [
      { ...one, smallFiles: one.files, messages: true },
      { ...one, smallFiles: one.files, messages: true },
    ];
    expect(kept(PEOPLE.member)).toEqual(both({ files: true, commits: true }));
    expect(kept(PEOPLE.invited)).toEqual(both({ files: false, commits: true }));
    expect(kept(PEOPLE.banned)).toEqual(both({ files: false, commits: false }));
    expect(kept(bannedDevice)).toEqual(both({ files: false, commits: false }));
  });

  it('a clone from anybody is kept while the conversation is not here', () => {
    const name = gitChannelOf(PEOPLE.stranger.device, `${'0'.repeat(39)}f` as ConversationId);
    expect(setting.handlers.keepsChannel({ name, peer: PEOPLE.stranger })).toBe(true);
  });

  it('who is banned here and welcome there may be linked, and gets only what is there', async () => {
    const { handlers, parts, group } = setting;
    const other = await writtenGroup({ first: 5000 });
    for (const kind of ['member-unbanned', 'member-added'] as const) other.write({ kind, uri: PEOPLE.banned.account });
    await other.conversation.refold();
    parts.live.set(other.conversation.id, other.conversation);
    const name = (id: ConversationId) => gitChannelOf(parts.keys.device, id);
    expect(handlers.admitPeer(PEOPLE.banned).accept).toBe(true);
    expect(handlers.admitChannel({ name: name(other.conversation.id), peer: PEOPLE.banned }).accept).toBe(true);
    expect(handlers.admitChannel({ name: name(group.id), peer: PEOPLE.banned }).accept).toBe(false);
  });

  describe('on channels', () => {
    const fileId = FileId.parse(`${commitId(9)}_1.png`);
    const names = ({ parts, group }: Setting) => {
      const self = parts.keys.device;
      const other = PEOPLE.member.device;
      return {
        messages: messageChannelOf(self),
        commits: gitChannelOf(self, group.id),
        transfer: transferChannelName({ conversation: group.id, receiver: self, fileId }),
        'messages for another': messageChannelOf(other),
        'commits of another': gitChannelOf(other, group.id),
        'a transfer to another': transferChannelName({ conversation: group.id, receiver: other, fileId }),
        'commits of nowhere': gitChannelOf(self, `${'0'.repeat(39)}f` as ConversationId),
      };
    };

    it.each([
      ['member', ['messages', 'commits', 'transfer']],
      ['invited', ['messages', 'commits']],
      ['stranger', ['messages']],
    ] as const)('a %s may open %j', (who, admitted) => {
      const open = Object.entries(names(setting)).filter(
        ([, name]) => setting.handlers.admitChannel({ name, peer: PEOPLE[who] }).accept,
      );
      expect(open.map(([what]) => what)).toEqual(admitted);
    });

    it('a banned device of a member may open no more than a stranger', () => {
      const open = Object.values(names(setting)).filter(
        (name) => setting.handlers.admitChannel({ name, peer: bannedDevice }).accept,
      );
      expect(open).toEqual([names(setting).messages]);
    });

    it.each(['', '/', 'git://', 'msg:', 'data-transfer://a/b/c', 'git://../..', '\u0000', 'x'.repeat(5000)])(
      'the name %j is of no channel that there is',
      (name) => {
        expect(setting.handlers.admitChannel({ name, peer: PEOPLE.member })).toEqual({
          ...{ accept: false, reason: 'unknown-channel' },
        });
      },
    );

    it('each goes to the part whose it is', async () => {
      const { messages, transfer } = names(setting);
      for (const name of [messages, transfer]) await setting.handlers.serveChannel(channelPair(name).right);
      expect(setting.told).toEqual(['messages', 'transfer']);
      await thrownBy('CHANNEL_DECLINED', () => setting.handlers.serveChannel(channelPair('git://nowhere').right));
    });
  });
});

describe('when a link comes or goes', () => {
  it('a member hears of heads, the invited of the invitation as well, a stranger of nothing', async () => {
    const { handlers, told } = await setUp();
    const net = createFakeNet();
    for (const who of ['member', 'invited', 'stranger'] as const) {
      handlers.onChange({ kind: 'link-up', link: net.up(PEOPLE[who]) });
    }
    expect(told.filter((what) => !what.endsWith('forgotten'))).toEqual([
      ...['unlinked 2', 'revocations to 2', 'bans to 2', 'seen 2', 'announce to 2', 'plan'],
      ...['unlinked 3', 'revocations to 3', 'bans to 3', 'seen 3', 'announce to 3', 'invite 3', 'plan'],
      ...['unlinked 5', 'revocations to 5', 'bans to 5', 'seen 5', 'plan'],
    ]);
  });

  it('what was told on the link before may not have been heard, and is told again', async () => {
    const { handlers, told } = await setUp();
    const forgotten = ['revocations to 3 forgotten', 'bans to 3 forgotten', 'invitations to 3 forgotten'];
    // Without a word of the old link's end: the device was killed, and is back.
    handlers.onChange({ kind: 'link-up', link: createFakeNet().up(PEOPLE.invited) });
    expect(told.slice(1, 6)).toEqual([...forgotten, 'revocations to 3', 'bans to 3']);
    told.length = 0;
    handlers.onChange({ kind: 'link-down', peer: PEOPLE.invited, reason: 'gone' });
    expect(told.slice(1, 4)).toEqual(forgotten);
  });

  it('the way to a device that is gone is forgotten, and it is looked for', async () => {
    const { handlers, told } = await setUp();
    handlers.onChange({ kind: 'link-down', peer: PEOPLE.member, reason: 'gone' });
    expect(told.filter((what) => !what.endsWith('forgotten'))).toEqual(['unlinked 2', 'forget 2', 'wake 2', 'plan']);
  });

  it('subscribers are told', async () => {
    const { handlers, parts } = await setUp();
    const news = parts.feed.subscribe({ signal: new AbortController().signal });
    handlers.onChange({ kind: 'link-down', peer: PEOPLE.member, reason: 'gone' });
    parts.feed.end();
    const changes: EngineChange[] = [];
    for await (const change of news) changes.push(change);
    expect(changes).toEqual([{ conversation: undefined, change: { kind: 'link', isUp: false, ...PEOPLE.member } }]);
  });
});

describe('what arrives as a message', () => {
  it('goes to the part whose it is; a device announces only for itself', async () => {
    const { parts, told, group } = await setUp();
    const { member, stranger } = PEOPLE;
    const announcement = { id: group.id, commit: commitId(1), deviceId: member.device };
    onPeerMessage(parts, member, { type: PEER_MESSAGE_TYPES.announcement, content: announcement });
    onPeerMessage(parts, stranger, { type: PEER_MESSAGE_TYPES.announcement, content: announcement });
    onPeerMessage(parts, member, { type: PEER_MESSAGE_TYPES.announcement, content: 'nonsense' });
    onPeerMessage(parts, stranger, { type: PEER_MESSAGE_TYPES.invite, content: {} });
    onPeerMessage(parts, stranger, { type: FILE_REQUEST_TYPE, content: {} });
    onPeerMessage(parts, stranger, { type: 'of tomorrow', content: {} });
    expect(told).toEqual([
      `announced by ${member.device}`,
      'invited',
      `fetcher ${FILE_REQUEST_TYPE}`,
      'fetcher of tomorrow',
    ]);
  });
});
