import { beforeEach, describe, expect, it } from 'vitest';
import type { LiveConversation } from '../../../../src/engine/conversations/live-conversation.ts';
import { createInvitations, type Invitations } from '../../../../src/engine/devices/invitations.ts';
import { Invite, type PeerMessage } from '../../../../src/engine/devices/peer-message.ts';
import { type JournalKeeper, openJournalKeeper } from '../../../../src/engine/journal/journal-keeper.ts';
import { ConversationId, type DeviceId } from '../../../../src/ids.ts';
import {
  INVITATIONS_PER_ACCOUNT,
  INVITATIONS_PER_MINUTE,
  INVITATIONS_WAITING,
  INVITERS_PER_CONVERSATION,
  TITLE_CHARACTERS,
} from '../../../../src/limits.ts';
import { createFakeNet, person, type WrittenLog, writtenGroup } from '../../../support/engine/live-conversations.ts';
import { memoryJournal } from '../../../support/engine/memory-journal.ts';
import { commitId } from '../../../support/events/interactions.ts';
import { only } from '../../../support/only.ts';
import { quietLog } from '../../../support/quiet-log.ts';
import { createVirtualClock, type VirtualClock } from '../../../support/time/virtual-clock.ts';

const [bob, invited, banned, stranger] = [person(2), person(3), person(4), person(5)];
const conversation = (n: number) => ConversationId.parse(commitId(n));
const invite = (n: number, title?: string) => ({
  ...{ conversationId: conversation(n), receivedMs: 1 },
  metadatas: { mode: 2, ...(title && { title }) },
});

describe('invitations', () => {
  let group: WrittenLog;
  let keeper: JournalKeeper;
  /** Whether messages get through. */
  let isHeard: boolean;
  let sent: { to: DeviceId; message: PeerMessage }[];
  let live: Map<ConversationId, LiveConversation>;
  let invitations: Invitations;
  let clock: VirtualClock;

  beforeEach(async () => {
    group = await writtenGroup();
    keeper = await openJournalKeeper(memoryJournal(), quietLog);
    isHeard = true;
    sent = [];
    live = new Map();
    const net = createFakeNet();
    for (const peer of [bob, invited, banned, stranger]) net.up(peer);
    const messenger = {
      send: async (to: DeviceId, message: PeerMessage) => {
        sent.push({ to, message });
        return isHeard;
      },
    };
    clock = createVirtualClock();
    invitations = createInvitations({ net, messenger, keeper, clock, live });
  });

  it('go to linked devices of invited accounts and to nobody else', () => {
    invitations.tellAll(group.conversation);
    expect(only(sent).to).toBe(invited.device);
    expect(Invite.parse(only(sent).message.content)).toMatchObject({ conversationId: group.conversation.id });
  });

  it('are told once on a link, however much is written meanwhile, and again on the next', async () => {
    const { conversation: toGroup } = group;
    for (let batches = 0; batches < 3; batches += 1) invitations.tellAll(toGroup);
    invitations.tell(toGroup, invited.device);
    expect(sent).toHaveLength(1);
    invitations.forget(invited.device);
    invitations.tell(toGroup, invited.device);
    expect(sent).toHaveLength(2);
  });

  it('are told again when they did not get through', async () => {
    isHeard = false;
    invitations.tellAll(group.conversation);
    await new Promise((resolve) => setImmediate(resolve));
    invitations.tellAll(group.conversation);
    expect(sent).toHaveLength(2);
  });

  it('are understood however long the title is', async () => {
    group.title = 'x'.repeat(TITLE_CHARACTERS + 100);
    group.write({ kind: 'profile-updated' });
    await group.conversation.refold();
    invitations.tell(group.conversation, invited.device);
    expect(Invite.parse(only(sent).message.content).metadatas.title).toHaveLength(TITLE_CHARACTERS);
  });

  it('are remembered with who sent them, until they are followed', () => {
    invitations.receive(bob, invite(7, 'Garden'));
    expect(invitations.waiting()).toEqual([
      { conversation: conversation(7), from: bob.account, mode: 'invites-only', title: 'Garden' },
    ]);
    live.set(conversation(7), group.conversation);
    expect(invitations.waiting()).toEqual([]);
  });

  it('are written down once, however often they come', () => {
    const records: string[] = [];
    keeper.listen((some) => records.push(...some.map(({ kind }) => kind)));
    for (let times = 0; times < 3; times += 1) invitations.receive(bob, invite(7));
    expect(records).toEqual(['invitation-received']);
  });

  it('to a conversation that is here already are nothing new', () => {
    live.set(group.conversation.id, group.conversation);
    invitations.receive(bob, invite(1000));
    expect(group.conversation.id).toBe(conversation(1000));
    expect(keeper.state().invitations.size).toBe(0);
  });

  it.each([{}, 'join us', null, { ...invite(7), conversationId: '..' }, { ...invite(7), metadatas: undefined }])(
    'that make no sense are dropped: %j',
    (content) => {
      invitations.receive(stranger, content);
      expect(invitations.waiting()).toEqual([]);
    },
  );

  it('of several accounts to one conversation wait beside each other, so that nobody takes away another’s', () => {
    invitations.receive(bob, invite(7, 'Garden'));
    invitations.receive(stranger, invite(7, 'Give me your attention'));
    expect(invitations.waiting().map(({ from }) => from)).toEqual([bob.account, stranger.account]);
  });

  it('are kept up to a share of each account', () => {
    for (let n = 1; n <= INVITATIONS_PER_ACCOUNT + 5; n += 1) invitations.receive(stranger, invite(n));
    expect(invitations.waiting()).toHaveLength(INVITATIONS_PER_ACCOUNT);
    invitations.receive(bob, invite(9999));
    expect(invitations.waiting().at(-1)?.from).toBe(bob.account);
  });

  it('are looked at so often in a minute of one device, which leaves the others theirs', async () => {
    for (let n = 1; n <= INVITATIONS_PER_MINUTE; n += 1) invitations.receive(stranger, invite(n));
    live.set(conversation(1), group.conversation);
    invitations.receive(stranger, invite(9998));
    invitations.receive(bob, invite(9999));
    expect(invitations.waiting()).toHaveLength(INVITATIONS_PER_ACCOUNT);
    expect(invitations.waiting().at(-1)?.from).toBe(bob.account);
    await clock.advance(60_000);
    invitations.receive(stranger, invite(9998));
    expect(invitations.waiting().at(-1)?.from).toBe(stranger.account);
  });

  it('to one conversation are kept of few strangers, and of everybody we know', () => {
    live.set(group.conversation.id, group.conversation);
    for (let n = 100; n < 100 + INVITERS_PER_CONVERSATION + 5; n += 1) invitations.receive(person(n), invite(7));
    expect(invitations.waiting()).toHaveLength(INVITERS_PER_CONVERSATION);
    invitations.receive(bob, invite(7));
    expect(invitations.waiting().at(-1)?.from).toBe(bob.account);
  });

  it('of strangers are kept up to a limit, which those that were followed do not count for', () => {
    const strangers = Math.ceil((INVITATIONS_WAITING + 5) / INVITATIONS_PER_ACCOUNT);
    for (let n = 0; n < strangers * INVITATIONS_PER_ACCOUNT; n += 1)
      invitations.receive(person(100 + (n % strangers)), invite(n + 1));
    expect(invitations.waiting()).toHaveLength(INVITATIONS_WAITING);
    live.set(conversation(1), group.conversation);
    invitations.receive(stranger, invite(9998));
    invitations.receive(stranger, invite(9999));
    expect(invitations.waiting().map((waiting) => waiting.conversation)).toContain(conversation(9998));
    expect(invitations.waiting().map((waiting) => waiting.conversation)).not.toContain(conversation(9999));
    // Bob is in the group.
    invitations.receive(bob, invite(9999));
    expect(invitations.waiting().at(-1)?.from).toBe(bob.account);
  });
});
