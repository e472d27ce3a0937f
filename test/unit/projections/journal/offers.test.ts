import { describe, expect, it } from 'vitest';
import { evolveJournal, initialJournalState } from '../../../../src/projections/journal/journal-state.ts';
import { answerToOffer } from '../../../../src/projections/journal/offers.ts';
import { GOLDEN_RECORDS as GOLDEN } from '../../../support/events/journal-records.ts';
import { fileOf } from '../../../support/projections/policies.ts';

const { 'file-cancelled': cancelled, 'file-refused': refused, 'file-paused': paused } = GOLDEN;
const { 'file-accepted': accepted, 'file-verified': verified } = GOLDEN;

describe('what is said to an offer', () => {
  it.each([
    ['that the user cancelled', [cancelled], 'cancelled'],
    ['that the user refused', [refused], 'refused'],
    ['that the user paused', [accepted, paused], 'paused'],
    ['that it is asked for', [cancelled, accepted], 'accepted'],
    ['that it is here, whatever the user said', [verified, cancelled], 'has-it'],
  ])('is %s', (_, records, answer) => {
    const record = records.reduce(evolveJournal, initialJournalState).files.get(verified.interaction);
    expect(answerToOffer({ file: fileOf({}), record, isWanted: true })).toBe(answer);
  });

  it('is whether it is wanted where the user said nothing, and nothing of what was taken back', () => {
    expect(answerToOffer({ file: fileOf({}), record: undefined, isWanted: true })).toBe('accepted');
    expect(answerToOffer({ file: fileOf({}), record: undefined, isWanted: false })).toBe('awaiting');
    expect(answerToOffer({ file: fileOf({ isDeleted: true }), record: undefined, isWanted: true })).toBeUndefined();
  });
});
