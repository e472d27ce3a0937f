import { readdir, readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JournalRecord } from '../../../src/events/journal-record.ts';
import { ANY_RECORD, GOLDEN_RECORDS, RECORD_KINDS } from '../../support/events/journal-records.ts';

const FIXTURES = new URL('../../../fixtures/journal/', import.meta.url);

const OPTIONAL = new Set([
  'commit-admitted.from',
  'invitation-received.title',
  'conversation-told.from',
  'conversation-told.title',
]);

describe('a journal record', () => {
  it('is recorded for every kind, and for nothing else', async () => {
    const kinds = JournalRecord.options.map(({ shape }) => shape.kind.value);
    expect((await readdir(FIXTURES)).sort()).toEqual(kinds.map((kind) => `${kind}.json`).sort());
  });

  it.each(RECORD_KINDS)('%s is read as recorded', async (kind) => {
    const text = await readFile(new URL(`${kind}.json`, FIXTURES), 'utf8');
    expect(JournalRecord.parse(JSON.parse(text))).toEqual(GOLDEN_RECORDS[kind]);
  });

  it.each(RECORD_KINDS)('%s survives being written and read', (kind) => {
    fc.assert(
      fc.property(ANY_RECORD[kind] as fc.Arbitrary<JournalRecord>, (record) => {
        expect(JournalRecord.parse(JSON.parse(JSON.stringify(record)))).toEqual(record);
      }),
    );
  });

  it.each(RECORD_KINDS)('%s is refused without any of its required fields', (kind) => {
    const record = GOLDEN_RECORDS[kind];
    for (const field of Object.keys(record).filter((name) => !OPTIONAL.has(`${kind}.${name}`)))
      expect(JournalRecord.safeParse({ ...record, [field]: undefined }).success, field).toBe(false);
  });
});
