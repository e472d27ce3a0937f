import { beforeEach, describe, expect, it } from 'vitest';
import type { LiveConversation } from '../../../../src/engine/conversations/live-conversation.ts';
import { createSightings, type Sightings } from '../../../../src/engine/devices/sightings.ts';
import { type JournalKeeper, openJournalKeeper } from '../../../../src/engine/journal/journal-keeper.ts';
import type { JournalRecord } from '../../../../src/events/journal-record.ts';
import type { ConversationId } from '../../../../src/ids.ts';
import { SEEN_DEVICES } from '../../../../src/limits.ts';
import type { PeerIdentity } from '../../../../src/ports.ts';
import {
  createFakeNet,
  type FakeNet,
  person,
  type WrittenLog,
  writtenGroup,
} from '../../../support/engine/live-conversations.ts';
import { memoryJournal } from '../../../support/engine/memory-journal.ts';
import { account, device } from '../../../support/events/interactions.ts';
import { quietLog } from '../../../support/quiet-log.ts';
import { createVirtualClock } from '../../../support/time/virtual-clock.ts';

/** Person 2 takes part, person 3 is invited, person 4 is banned. */
const deviceOf = (owner: number, n: number): PeerIdentity => ({ account: account(owner), device: device(n) });

describe('a device that was linked', () => {
  let group: WrittenLog;
  let keeper: JournalKeeper;
  let net: FakeNet;
  let sightings: Sightings;
  beforeEach(async () => {
    group = await writtenGroup();
    keeper = await openJournalKeeper(memoryJournal(), quietLog);
    net = createFakeNet();
    const live = new Map<ConversationId, LiveConversation>([[group.conversation.id, group.conversation]]);
    sightings = createSightings({ keeper, clock: createVirtualClock(), live, net });
  });
  const remembered = () =>
    [...keeper.state().seen].flatMap(([owner, devices]) => [...devices].map((one) => [owner, one]));

  it('is remembered when it is a member’s and has written nothing', () => {
    sightings.note(deviceOf(2, 6));
    expect(remembered()).toEqual([[account(2), device(6)]]);
  });

  it.each([
    ['has written something: the log names it', person(2)],
    ['is of somebody who is invited', deviceOf(3, 6)],
    ['is of somebody who is banned', deviceOf(4, 6)],
    ['is a stranger’s', deviceOf(5, 6)],
  ])('is not when it %s', (_, peer) => {
    sightings.note(peer);
    expect(remembered()).toEqual([]);
  });

  it('is remembered once its account has joined', async () => {
    net.up(deviceOf(3, 6));
    sightings.noteLinked();
    expect(remembered()).toEqual([]);
    group.write({ kind: 'member-joined', uri: account(3) }, 3);
    await group.conversation.refold();
    sightings.noteLinked();
    expect(remembered()).toEqual([[account(3), device(6)]]);
  });

  it('is written down once, and of one account no more than there is room for', () => {
    const records: JournalRecord[] = [];
    keeper.listen((some) => void records.push(...some));
    for (let n = 0; n < SEEN_DEVICES + 5; n += 1) for (const _ of [1, 2]) sightings.note(deviceOf(2, 100 + n));
    sightings.note(deviceOf(1, 99));
    expect(records).toHaveLength(SEEN_DEVICES + 1);
    expect(keeper.state().seen.get(account(2))?.size).toBe(SEEN_DEVICES);
  });
});
