import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JournalRecord } from '../../../../src/events/journal-record.ts';
import { Digest } from '../../../../src/ids.ts';
import { files } from '../../../../src/projections/files.ts';
import {
  evolveJournal,
  evolveJournalAll,
  initialJournalState,
  interruptedRecords,
  isPresent,
  type JournalState,
} from '../../../../src/projections/journal/journal-state.ts';
import { refusalOf } from '../../../../src/projections/journal/quarantine.ts';
import { invitationsTo } from '../../../../src/projections/journal/received-invitations.ts';
import { missingFiles } from '../../../../src/projections/missing-files.ts';
import { project } from '../../../../src/projections/projection.ts';
import { account, device, interaction } from '../../../support/events/interactions.ts';
import { ANY_RECORD, GOLDEN_RECORDS, RECORD_KINDS } from '../../../support/events/journal-records.ts';
import { only } from '../../../support/only.ts';

const fold = (records: readonly JournalRecord[], from: JournalState = initialJournalState) =>
  records.reduce(evolveJournal, from);

const {
  'file-verified': verified,
  'file-found-lacking': lacking,
  'sub-transfer-started': startedRecord,
  'sub-transfer-progressed': progressedRecord,
  'sub-transfer-ended': endedRecord,
  'commit-admitted': admitted,
  'batch-refused': refused,
  'invitation-received': invited,
} = GOLDEN_RECORDS;

/** The log announces the file that the golden records speak of: 12 bytes. */
const announced = project(files, [
  {
    ...interaction({
      id: 1,
      event: {
        kind: 'file-announced',
        displayName: 'a.txt',
        sha3sum: Digest.parse('b'.repeat(128)),
        tid: '7305216948017365',
        totalSize: 12,
      },
    }),
    id: verified.interaction,
  },
]);

const started = (peer: number, at = 0) => ({ ...startedRecord, peer: device(peer), at });
const progressed = (peer: number, bytes: number, at = 0) => ({ ...progressedRecord, peer: device(peer), bytes, at });
const ended = (peer: number, outcome: typeof endedRecord.outcome) => ({ ...endedRecord, peer: device(peer), outcome });

describe('evolveJournal', () => {
  it('remembers what was verified here until it is found lacking', () => {
    expect(isPresent(fold([verified]), verified.interaction)).toBe(true);
    expect(isPresent(fold([verified, lacking]), verified.interaction)).toBe(false);
    expect(isPresent(fold([lacking, verified]), verified.interaction)).toBe(true);
  });

  it('remembers commits, refused heads and the latest invitation of each account', () => {
    const again: JournalRecord = { ...invited, title: 'Orchard' };
    const another: JournalRecord = { ...invited, from: account(77) };
    const state = fold([admitted, admitted, refused, invited, another, again]);
    expect(state.admitted.get(admitted.conversation)?.size).toBe(1);
    expect(refusalOf(state.quarantine, refused.head, refused.from)).toMatchObject({ rule: refused.rule });
    expect([...state.invitations.values()]).toEqual([again, another]);
    expect(invitationsTo(state.invitations, invited.conversation)).toHaveLength(2);
  });

  it('holds nothing against a head that was admitted after all', () => {
    const state = fold([refused, { ...admitted, commit: refused.head }]);
    expect(refusalOf(state.quarantine, refused.head, refused.from)).toBeUndefined();
  });

  it('goes on from any prefix to the same state', () => {
    const anyRecord = fc.oneof(...RECORD_KINDS.map((kind) => ANY_RECORD[kind]));
    fc.assert(
      fc.property(fc.array(anyRecord), fc.nat(), (records, cut) => {
        const split = records.length === 0 ? 0 : cut % records.length;
        const resumed = fold(records.slice(split), fold(records.slice(0, split)));
        expect(resumed.files.toJS()).toEqual(fold(records).files.toJS());
      }),
    );
  });

  it('takes many together to the same state as one by one, and leaves the state before as it was', () => {
    const anyRecord = fc.oneof(...RECORD_KINDS.map((kind) => ANY_RECORD[kind]));
    fc.assert(
      fc.property(fc.array(anyRecord), fc.array(anyRecord), (earlier, later) => {
        const before = evolveJournalAll(initialJournalState, earlier);
        const filesBefore = before.files.toJS();
        const after = evolveJournalAll(before, later);
        expect(after.files.toJS()).toEqual(fold([...earlier, ...later]).files.toJS());
        expect(before.files.toJS()).toEqual(filesBefore);
      }),
    );
  });

  it('keeps no more of a file’s history than it needs', () => {
    const many = Array.from({ length: 500 }, (_, i) => [started(i % 7), ended(i % 7, 'interrupted')]).flat();
    expect(fold(many).files.get(verified.interaction)?.subTransfers.size).toBeLessThan(50);
  });
});

describe('interruptedRecords', () => {
  it('closes whatever ran when the engine died, and nothing twice', () => {
    const died = fold([started(1), progressed(1, 9), started(2), ended(2, 'complete')]);
    const records = interruptedRecords(died, 42);
    expect(records).toMatchObject([{ peer: device(1), outcome: 'interrupted', bytes: 9, at: 42 }]);
    for (const record of records) expect(JournalRecord.parse(record)).toEqual(record);
    expect(interruptedRecords(fold(records, died), 43)).toEqual([]);
  });

  it('closes what was asked and not answered: nobody waits for it any more', () => {
    const died = fold([GOLDEN_RECORDS['file-requested']]);
    const { from } = GOLDEN_RECORDS['file-requested'];
    const records = interruptedRecords(died, 42);
    expect(records).toMatchObject([{ kind: 'request-declined', from, reason: 'no-answer', at: 42 }]);
    expect(interruptedRecords(fold(records, died), 43)).toEqual([]);
  });

  it('leaves offers alone: nothing runs, and the devices know of them', () => {
    expect(interruptedRecords(fold([GOLDEN_RECORDS['sub-transfer-offered']]), 42)).toEqual([]);
  });
});

describe('missingFiles', () => {
  it.each([
    ['lists what was never seen here', [], { state: 'missing', bytes: 0 }],
    ['lists what a scan found lacking', [verified, lacking], { state: 'partial', bytes: 5 }],
  ])('%s', (_, records, expected) => {
    expect(only(missingFiles(announced, fold(records)))).toMatchObject(expected);
  });

  it('counts what was checked since the folder was looked at', () => {
    const checked: JournalRecord = {
      ...GOLDEN_RECORDS['chunks-checked'],
      ranges: [
        [2, 4],
        [8, 12],
      ],
    };
    expect(only(missingFiles(announced, fold([started(1, 7), checked])))).toMatchObject({ state: 'partial', bytes: 6 });
  });

  it('leaves out what is here', () => {
    expect(missingFiles(announced, fold([lacking, verified]))).toEqual([]);
  });
});
