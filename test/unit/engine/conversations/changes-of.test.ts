import { describe, expect, it } from 'vitest';
import { changesOfGrowth, changesOfRecords } from '../../../../src/engine/conversations/changes-of.ts';
import { openJournalKeeper } from '../../../../src/engine/journal/journal-keeper.ts';
import type { ConversationEvent } from '../../../../src/events/conversation-event.ts';
import type { CommitId } from '../../../../src/ids.ts';
import { type WrittenLog, writtenGroup } from '../../../support/engine/live-conversations.ts';
import { memoryJournal } from '../../../support/engine/memory-journal.ts';
import { account } from '../../../support/events/interactions.ts';
import { GOLDEN_RECORDS, RECORD_KINDS } from '../../../support/events/journal-records.ts';
import { testAccount } from '../../../support/identity/accounts.ts';
import { only } from '../../../support/only.ts';
import { quietLog } from '../../../support/quiet-log.ts';

/** What subscribers are told when person 1 commits the event. */
async function toldOf(group: WrittenLog, event: ConversationEvent) {
  const { id } = group.write(event);
  return { id, changes: changesOfGrowth(group.conversation, await group.conversation.refold()) };
}

describe('the changes that new commits make', () => {
  it('are the entry that is new', async () => {
    const { id, changes } = await toldOf(await writtenGroup(), { kind: 'message-sent', body: 'hello' });
    expect(only(changes)).toMatchObject({ kind: 'message', entry: { id, body: 'hello' } });
  });

  it.each<[string, (target: CommitId) => ConversationEvent, object]>([
    ['edited', (edit) => ({ kind: 'message-edited', edit, body: 'bye' }), { body: 'bye' }],
    ['deleted', (edit) => ({ kind: 'message-deleted', edit }), { isDeleted: true }],
    ['reacted to', (reactTo) => ({ kind: 'reaction-added', reactTo, body: '👍' }), { reactions: [{ body: '👍' }] }],
  ])('are the entry that was %s', async (_, event, shown) => {
    const group = await writtenGroup();
    const { id } = await toldOf(group, { kind: 'message-sent', body: 'hello' });
    const { changes } = await toldOf(group, event(id));
    expect(only(changes)).toMatchObject({ kind: 'message', entry: { id, ...shown } });
  });

  it('are the entry from which a reaction was taken away', async () => {
    const group = await writtenGroup();
    const { id } = await toldOf(group, { kind: 'message-sent', body: 'hello' });
    const reaction = await toldOf(group, { kind: 'reaction-added', reactTo: id, body: '👍' });
    const { changes } = await toldOf(group, { kind: 'message-deleted', edit: reaction.id });
    expect(only(changes)).toMatchObject({ kind: 'message', entry: { id, reactions: [] } });
  });

  it('are one for an entry that several commits change, and the member besides', async () => {
    const group = await writtenGroup();
    const { id } = group.write({ kind: 'message-sent', body: 'one' });
    group.write({ kind: 'message-edited', edit: id, body: 'two' });
    group.write({ kind: 'member-joined', uri: account(3) }, 3);
    const changes = changesOfGrowth(group.conversation, await group.conversation.refold());
    expect(changes.map(({ kind }) => kind)).toEqual(['message', 'message', 'member']);
    expect(changes[0]).toMatchObject({ entry: { id, body: 'two' } });
    expect(changes[2]).toMatchObject({ member: { uri: account(3), role: 'member' } });
  });
});

describe('the changes that journal records make', () => {
  it.each(RECORD_KINDS)('are told, or are none, for %s', async (kind) => {
    const { conversation } = await writtenGroup();
    const keys = await testAccount('alice');
    const keeper = await openJournalKeeper(memoryJournal(), quietLog);
    const changes = changesOfRecords([GOLDEN_RECORDS[kind]], conversation, {
      ...{ keys, keeper, planner: { named: () => [] } },
    });
    const told: Readonly<Record<string, readonly string[]>> = {
      ...{ 'file-found-lacking': ['missing'], 'file-requested': ['request'], 'ban-told': ['banned'] },
    };
    expect(changes.flatMap((change) => (change.kind === 'transfer-changed' ? [] : change.kind))).toEqual(
      told[kind] ?? [],
    );
  });

  it('name each transfer once, in the direction that the records tell of', async () => {
    const { conversation } = await writtenGroup();
    const keys = await testAccount('alice');
    const keeper = await openJournalKeeper(memoryJournal(), quietLog);
    const records = [GOLDEN_RECORDS['sub-transfer-started'], GOLDEN_RECORDS['sub-transfer-ended']];
    const given = { keys, keeper, planner: { named: () => [] } };
    const { interaction } = GOLDEN_RECORDS['file-verified'];
    const changed = (direction: string) => ({ kind: 'transfer-changed', interaction, direction });
    const ways = [...new Set(records.map(({ direction }) => direction))];
    expect(changesOfRecords([...records, ...records], conversation, given)).toEqual(ways.map(changed));
    const all = changesOfRecords([...records, GOLDEN_RECORDS['file-verified']], conversation, given);
    expect(all.map((change) => change.kind === 'transfer-changed' && change.direction).sort()).toEqual([
      'receiving',
      'serving',
    ]);
  });
});
