import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JournalRecord } from '../../../../src/events/journal-record.ts';
import { evolveJournalAll, initialJournalState } from '../../../../src/projections/journal/journal-state.ts';
import {
  JOURNAL_STATE_VERSION,
  piecesOf,
  type StatePiece,
  stateFrom,
} from '../../../../src/projections/journal/kept-state.ts';
import { formatSegment, parseSegment } from '../../../../src/segment.ts';
import { ANY_RECORD, GOLDEN_RECORDS, RECORD_KINDS } from '../../../support/events/journal-records.ts';

const fold = (records: readonly JournalRecord[], state = initialJournalState) => evolveJournalAll(state, records);
/** As it comes off a disk. */
const kept = (piece: StatePiece) => parseSegment(formatSegment(piece), 0)?.value as StatePiece;
/** What two states that say the same have in common. */
const said = (state: typeof initialJournalState) => [...piecesOf(state)].map((piece) => JSON.stringify(piece));

/** Few names, so that records speak of the same files, devices and commits. */
const golden = fc.constantFrom<JournalRecord>(...Object.values(GOLDEN_RECORDS));
const anyRecords = fc.array(fc.oneof(golden, ...RECORD_KINDS.map((kind) => ANY_RECORD[kind])), { maxLength: 40 });

describe('the fold of a journal', () => {
  it('is the same after it was kept, and goes on as it would have', () => {
    fc.assert(
      fc.property(anyRecords, anyRecords, (before, after) => {
        const state = fold(before);
        const restored = stateFrom([...piecesOf(state)].map(kept));
        expect(said(restored)).toEqual(said(state));
        expect(said(fold(after, restored))).toEqual(said(fold(after, state)));
      }),
    );
  });

  it('says by its version what records are folded into', () => {
    const all = said(fold([...Object.values(GOLDEN_RECORDS), ...Object.values(GOLDEN_RECORDS)]));
    const fingerprint = createHash('sha256').update(all.join('\n')).digest('hex').slice(0, 16);
    // When this fails, the fold has changed: raise the version, and write the new pair here.
    expect([JOURNAL_STATE_VERSION, fingerprint]).toEqual([5, '9f570efdeb2dc788']);
  });
});
