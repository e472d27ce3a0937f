import { describe, expect, it } from 'vitest';
import type { Journal } from '../../../../src/engine/journal/journal.ts';
import { openJournalKeeper } from '../../../../src/engine/journal/journal-keeper.ts';
import { SyncError } from '../../../../src/errors.ts';
import type { JournalRecord } from '../../../../src/events/journal-record.ts';
import { ConversationId } from '../../../../src/ids.ts';
import { JOURNAL_RECORDS_AT_ONCE } from '../../../../src/limits.ts';
import { settled } from '../../../support/engine/live-conversations.ts';
import { memoryJournal } from '../../../support/engine/memory-journal.ts';
import { account, commitId, device } from '../../../support/events/interactions.ts';
import { quietLog } from '../../../support/quiet-log.ts';
import { thrownBy } from '../../../support/thrown.ts';

const conversation = (n: number) => ConversationId.parse(commitId(n));
const invitation = (n: number): JournalRecord => ({
  ...{ kind: 'invitation-received', conversation: conversation(n), from: account(1), device: device(1) },
  ...{ mode: 'invites-only', at: n },
});

async function written(journal: Journal): Promise<number[]> {
  const times: number[] = [];
  for await (const { record } of journal.read(0)) times.push(record.at);
  return times;
}

/** A journal whose disk is full whenever the test says so. */
function fullableJournal(): Journal & { isFull: boolean; appends: number } {
  const inner = memoryJournal();
  const journal = {
    isFull: false,
    appends: 0,
    get length() {
      return inner.length;
    },
    async append(records: readonly JournalRecord[]) {
      journal.appends += 1;
      await settled();
      if (journal.isFull) throw new SyncError('DISK_FULL', { path: 'journal' });
      return inner.append(records);
    },
    read: inner.read,
    flush: inner.flush,
    fingerprint: inner.fingerprint,
    close: inner.close,
    [Symbol.asyncDispose]: inner[Symbol.asyncDispose],
  };
  return journal;
}

describe('the journal keeper', () => {
  it('starts from what the journal holds', async () => {
    const journal = memoryJournal();
    await journal.append([invitation(1), invitation(2)]);
    const keeper = await openJournalKeeper(journal, quietLog);
    expect([...keeper.state().invitations.values()]).toEqual([invitation(1), invitation(2)]);
  });

  it('has the state at once and the disk in the order given', async () => {
    const journal = fullableJournal();
    const keeper = await openJournalKeeper(journal, quietLog);
    keeper.record(invitation(1));
    expect(keeper.state().invitations.size).toBe(1);
    keeper.record(invitation(2), invitation(3));
    keeper.record(invitation(4));
    await keeper.flushed();
    expect(await written(journal)).toEqual([1, 2, 3, 4]);
    // The first record is under way alone; what came meanwhile goes together.
    expect(journal.appends).toBe(2);
  });

  it('loses nothing when the disk is full for a while, and keeps the order', async () => {
    const journal = fullableJournal();
    const warnings: string[] = [];
    const log = { ...quietLog, warn: (message: string) => void warnings.push(message) };
    const keeper = await openJournalKeeper(journal, log);
    journal.isFull = true;
    keeper.record(invitation(1));
    keeper.record(invitation(2));
    expect((await thrownBy('DISK_FULL', keeper.flushed)).data.path).toBe('journal');
    expect(warnings.length).toBeGreaterThan(0);
    expect(keeper.state().invitations.size).toBe(2);
    journal.isFull = false;
    keeper.record(invitation(3));
    await keeper.flushed();
    expect(await written(journal)).toEqual([1, 2, 3]);
  });

  it('writes many records in pieces, and after one that could not be written goes on with it', async () => {
    const journal = fullableJournal();
    const keeper = await openJournalKeeper(journal, quietLog);
    const times = Array.from({ length: 2 * JOURNAL_RECORDS_AT_ONCE + 1 }, (_, n) => n);
    const { append } = journal;
    journal.append = (records) => {
      journal.isFull = records[0]?.at === JOURNAL_RECORDS_AT_ONCE;
      return append(records);
    };
    keeper.recordAll(times.map(invitation));
    await thrownBy('DISK_FULL', keeper.flushed);
    expect(await written(journal)).toEqual(times.slice(0, JOURNAL_RECORDS_AT_ONCE));
    journal.append = append;
    journal.isFull = false;
    await keeper.flushed();
    expect(await written(journal)).toEqual(times);
    expect(journal.appends).toBe(4);
  });

  it('tells every listener of records that were given together, once the state has them', async () => {
    const keeper = await openJournalKeeper(memoryJournal(), quietLog);
    const heard: string[] = [];
    for (const name of ['one', 'two']) {
      keeper.listen((records) => {
        const times = records.map(({ at }) => at).join(' and ');
        heard.push(`${name}: ${times} of ${keeper.state().invitations.size}`);
      });
    }
    keeper.record(invitation(1), invitation(2));
    keeper.recordAll([]);
    keeper.record(invitation(3));
    expect(heard).toEqual(['one: 1 and 2 of 2', 'two: 1 and 2 of 2', 'one: 3 of 3', 'two: 3 of 3']);
    await keeper.flushed();
  });

  it('can be told more while it tells', async () => {
    const journal = memoryJournal();
    const keeper = await openJournalKeeper(journal, quietLog);
    keeper.listen((records) => {
      if (records[0]?.at === 1) keeper.record(invitation(2));
    });
    keeper.record(invitation(1));
    await keeper.flushed();
    expect(await written(journal)).toEqual([1, 2]);
  });

  it('has nothing to wait for when nothing was recorded', async () => {
    const keeper = await openJournalKeeper(memoryJournal(), quietLog);
    await keeper.flushed();
  });
});
