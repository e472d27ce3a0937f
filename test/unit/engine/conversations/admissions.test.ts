import { describe, expect, it } from 'vitest';
import { admissions, admitHistory } from '../../../../src/engine/conversations/admissions.ts';
import { openJournalKeeper } from '../../../../src/engine/journal/journal-keeper.ts';
import { conversationFoundedBy } from '../../../../src/ids.ts';
import { COMMITS_ADMITTED_PER_TURN } from '../../../../src/limits.ts';
import { memoryJournal } from '../../../support/engine/memory-journal.ts';
import { commitId, interaction } from '../../../support/events/interactions.ts';
import { linearizedFrom } from '../../../support/events/linearized.ts';
import { quietLog } from '../../../support/quiet-log.ts';

const COUNT = 2 * COMMITS_ADMITTED_PER_TURN + 10;
const clock = { now: () => 5 };
const history = Array.from({ length: COUNT }, (_, n) =>
  interaction({ id: n, event: { kind: 'message-sent', body: `${n}` } }),
);
const conversation = { id: conversationFoundedBy(commitId(0)), history: () => linearizedFrom(history) };

async function keeperThatKnows(...commits: readonly number[]) {
  const keeper = await openJournalKeeper(memoryJournal(), quietLog);
  keeper.recordAll(admissions(conversation, commits.map(commitId), { at: 1 }));
  const heard: number[] = [];
  keeper.listen((records) => void heard.push(records.length));
  const admitted = () => [...(keeper.state().admitted.get(conversation.id) ?? [])];
  return { keeper, heard, admitted };
}

describe('a history that the journal does not know', () => {
  it('is entered in the order of the history, so much at a time', async () => {
    const { keeper, heard, admitted } = await keeperThatKnows();
    await admitHistory(conversation, { keeper, clock });
    expect(admitted()).toEqual(history.map(({ id }) => id));
    expect(heard).toEqual([COMMITS_ADMITTED_PER_TURN, COMMITS_ADMITTED_PER_TURN, 10]);
  });

  it('is entered but for what is there', async () => {
    const { keeper, heard, admitted } = await keeperThatKnows(0, 2, COUNT - 1);
    await admitHistory(conversation, { keeper, clock });
    expect(heard.reduce((sum, length) => sum + length)).toBe(COUNT - 3);
    expect(admitted().toSorted()).toEqual(history.map(({ id }) => id).toSorted());
  });

  it('is not entered twice where somebody else does meanwhile', async () => {
    const { keeper, heard } = await keeperThatKnows();
    const admitting = admitHistory(conversation, { keeper, clock });
    keeper.recordAll(admissions(conversation, [commitId(COUNT - 1)], { at: 1 }));
    await admitting;
    expect(heard).toEqual([COMMITS_ADMITTED_PER_TURN, 1, COMMITS_ADMITTED_PER_TURN, 9]);
  });
});
