import { describe, expect, it } from 'vitest';
import type { JournalRecord } from '../../../../src/events/journal-record.ts';
import {
  evolveFileRecord,
  type FileRecord,
  initialFileRecord,
} from '../../../../src/projections/journal/file-record.ts';
import { judgeWord, WORDS, type Word } from '../../../../src/projections/journal/words.ts';
import { GOLDEN_RECORDS } from '../../../support/events/journal-records.ts';

const {
  'file-accepted': accepted,
  'file-refused': refused,
  'file-cancelled': cancelled,
  'file-paused': paused,
  'file-verified': verified,
  'file-requested': requested,
  'sub-transfer-started': started,
} = GOLDEN_RECORDS;

type FileRecords = Parameters<typeof evolveFileRecord>[1];
const given = (...records: readonly FileRecords[]): FileRecord =>
  records.reduce(evolveFileRecord, initialFileRecord(verified));

const said = (kind: JournalRecord['kind'], stop?: 'cancel' | 'pause') => ({
  verdict: 'said',
  kind,
  ...(stop && { stop }),
});
const ACCEPT = said('file-accepted');
const REFUSE = said('file-refused', 'cancel');
const CANCEL = said('file-cancelled', 'cancel');
const PAUSE = said('file-paused', 'pause');
const NO_NEWS = { verdict: 'no-news' };
const HERE = { verdict: 'refused', reason: 'here-already' };

/** In each situation: what accept (resume, retry), refuse, cancel and pause come to. */
const SITUATIONS: readonly (readonly [string, FileRecord | undefined, readonly [object, object, object, object]])[] = [
  ['never heard of but in the log', undefined, [ACCEPT, REFUSE, CANCEL, PAUSE]],
  ['asked for by the policy', given(requested), [ACCEPT, REFUSE, CANCEL, PAUSE]],
  ['coming by the policy', given(requested, started), [ACCEPT, REFUSE, CANCEL, PAUSE]],
  ['accepted, and waiting for its next try', given(accepted), [ACCEPT, REFUSE, CANCEL, PAUSE]],
  ['accepted and asked for', given(accepted, requested), [NO_NEWS, REFUSE, CANCEL, PAUSE]],
  ['accepted and coming', given(accepted, requested, started), [NO_NEWS, REFUSE, CANCEL, PAUSE]],
  ['paused', given(accepted, paused), [ACCEPT, REFUSE, CANCEL, NO_NEWS]],
  ['refused', given(refused), [ACCEPT, NO_NEWS, CANCEL, NO_NEWS]],
  ['cancelled', given(cancelled), [ACCEPT, REFUSE, NO_NEWS, NO_NEWS]],
  ['complete here', given(verified), [NO_NEWS, HERE, CANCEL, PAUSE]],
  ['complete here and paused', given(verified, paused), [ACCEPT, HERE, CANCEL, NO_NEWS]],
  ['complete here and cancelled', given(verified, cancelled), [ACCEPT, HERE, NO_NEWS, NO_NEWS]],
];

describe('what a word comes to', () => {
  const verdicts = (record: FileRecord | undefined, isDeleted = false) =>
    Object.fromEntries(WORDS.map((word) => [word, judgeWord(word, { file: { isDeleted }, record })]));

  it.each(SITUATIONS)('for a file that is %s', (_, record, [accept, refuse, cancel, pause]) => {
    expect(verdicts(record)).toEqual({ accept, refuse, cancel, pause, resume: accept, retry: accept });
  });

  it('for a file that was taken back: nothing, and no more than that', () => {
    const deleted = { verdict: 'refused', reason: 'deleted' };
    expect(verdicts(given(requested), true)).toEqual({
      ...{ accept: deleted, resume: deleted, retry: deleted },
      ...{ refuse: NO_NEWS, cancel: NO_NEWS, pause: NO_NEWS },
    });
  });

  it.each(SITUATIONS)('said twice it is said once, for a file that is %s', (_, record) => {
    const heldBack = WORDS.filter((word: Word) => word === 'refuse' || word === 'cancel' || word === 'pause');
    for (const word of heldBack) {
      const first = judgeWord(word, { file: { isDeleted: false }, record });
      if (first.verdict !== 'said') continue;
      const after = evolveFileRecord(record ?? given(), { ...accepted, kind: first.kind });
      expect(judgeWord(word, { file: { isDeleted: false }, record: after })).toEqual(NO_NEWS);
    }
  });
});
