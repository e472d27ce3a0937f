/** Live conversations over a log that the test writes by hand, and a net that it links by hand. */
import type { Conversation, PullOutcome } from '../../../src/conversation/conversation.ts';
import type { Member, Membership } from '../../../src/conversation/membership/membership.ts';
import type { PullOptions } from '../../../src/conversation/sync/pull.ts';
import { createLiveConversation, type LiveConversation } from '../../../src/engine/conversations/live-conversation.ts';
import type { NetPort } from '../../../src/engine/net-slot.ts';
import { SyncError } from '../../../src/errors.ts';
import type { ConversationEvent } from '../../../src/events/conversation-event.ts';
import type { Interaction } from '../../../src/events/interaction.ts';
import { createFileStore } from '../../../src/fetcher/disk/file-store-adapter.ts';
import type { FileStore } from '../../../src/fetcher/ports.ts';
import { type AccountUri, conversationFoundedBy, type DeviceId } from '../../../src/ids.ts';
import type { LinkView } from '../../../src/net/net.ts';
import type { Channel, PeerIdentity } from '../../../src/ports.ts';
import { members, membersView } from '../../../src/projections/members.ts';
import { project } from '../../../src/projections/projection.ts';
import { account, commitId, device, interaction } from '../events/interactions.ts';
import { linearizedFrom } from '../events/linearized.ts';
import { channelPair } from '../net/channel-pair.ts';

/** Account `n` with its device `n`. */
export const person = (n: number): PeerIdentity => ({ account: account(n), device: device(n) });

export interface WrittenLog {
  readonly conversation: LiveConversation;
  /** Adds a commit to the log; the conversation sees it when it folds again. */
  write(event: ConversationEvent, by?: number): Interaction;
  /** How the next pulls end; by default they bring nothing. */
  pull: (options: PullOptions) => Promise<PullOutcome>;
  title: string | undefined;
}

export interface WrittenLogOptions {
  /** Tells several conversations apart. */
  readonly first?: number;
  readonly store?: FileStore;
}

/** A group that person 1 founded. */
export async function writtenLog({ first = 1000, store }: WrittenLogOptions = {}): Promise<WrittenLog> {
  const founding = interaction({ id: first, event: { kind: 'conversation-created', mode: 'invites-only' } });
  const history: Interaction[] = [founding];
  const id = conversationFoundedBy(founding.id);
  const notUsed = () => {
    throw new TypeError('not used in this test');
  };
  const written = { pull: async (): Promise<PullOutcome> => ({ outcome: 'up-to-date' }), title: undefined };
  const log: Conversation = {
    id,
    get repository() {
      return notUsed();
    },
    mode: () => 'invites-only',
    head: () => history.at(-1)?.id ?? commitId(first),
    membership: () => membershipAfter(history),
    onMembership: () => {},
    profile: async () => (result.title === undefined ? {} : { title: result.title }),
    state: notUsed,
    linearized: () => linearizedFrom(history),
    interactions: () => [...history],
    readSigned: async () => undefined,
    append: notUsed,
    pull: (_, options) => result.pull(options),
    vouch: async () => false,
    serve: async () => {},
    close: async () => {},
    async [Symbol.asyncDispose]() {},
  };
  const conversation = await createLiveConversation(log, store ?? createFileStore('/nowhere'));
  const result: WrittenLog = {
    ...written,
    conversation,
    write(event, by = 1) {
      const made = interaction({ id: first + history.length, by, event });
      history.push(made);
      return made;
    },
  };
  return result;
}

/** Person 2 has joined, person 3 is invited, person 4 is banned. */
export async function writtenGroup(options: WrittenLogOptions = {}): Promise<WrittenLog> {
  const log = await writtenLog(options);
  for (const n of [2, 3, 4]) log.write({ kind: 'member-added', uri: account(n) });
  for (const n of [2, 4]) log.write({ kind: 'member-joined', uri: account(n) }, n);
  log.write({ kind: 'member-banned', uri: account(4) });
  await log.conversation.refold();
  return log;
}

export interface FakeNet extends NetPort {
  readonly linked: Map<DeviceId, LinkView>;
  /** The other ends of the channels that were opened, in order. */
  readonly opened: Channel[];
  /** Of each account. */
  readonly found: Map<string, readonly DeviceId[]>;
  /** Links the peer. */
  up(peer: PeerIdentity): LinkView;
  down(peer: PeerIdentity): void;
  /** Throws in place of the next openings. */
  failure: SyncError | undefined;
  /** Every look-up and dial, in order. */
  readonly asked: string[];
}

export function createFakeNet(): FakeNet {
  const linked = new Map<DeviceId, LinkView>();
  const opened: Channel[] = [];
  const found = new Map<string, readonly DeviceId[]>();
  const asked: string[] = [];
  const net: FakeNet = {
    ...{ linked, opened, found, asked, failure: undefined },
    up(peer) {
      const path = { kind: 'tcp', local: '127.0.0.1:1', remote: '127.0.0.1:2' } as const;
      const traffic = { received: 0, sent: 0, receivedPerSecond: 0, sentPerSecond: 0 };
      const link = { peer, path, kind: 'lan', isDialer: true, since: 0, roundTripMs: undefined, traffic } as const;
      linked.set(peer.device, link);
      return link;
    },
    down: (peer) => void linked.delete(peer.device),
    links: () => [...linked.values()],
    async findDevices(of) {
      asked.push(`find ${of.slice(-2)}`);
      return found.get(of) ?? [];
    },
    async link(to) {
      asked.push(`dial ${to.slice(-2)}`);
      if (net.failure) throw net.failure;
      throw new SyncError('DEVICE_NOT_FOUND', { device: to });
    },
    async openChannel(to, name) {
      if (net.failure) throw net.failure;
      const peer = linked.get(to)?.peer;
      if (!peer) throw new SyncError('DEVICE_NOT_FOUND', { device: to });
      const { left, right } = channelPair(name, { rightPeer: peer });
      opened.push(right);
      return left;
    },
  };
  return net;
}

/** Lets everything that is ready to go on, go on. */
export const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

/** What a tree would say of a history without forks. */
function membershipAfter(history: readonly Interaction[]): Membership {
  const state = project(members, history);
  const known = membersView(state).map(({ uri, role, devices }): [AccountUri, Member] => [uri, { uri, role, devices }]);
  return { mode: state.mode, members: new Map(known), bannedDevices: new Set(state.bannedDevices) };
}
