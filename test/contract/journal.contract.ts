import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Journal, JournalEntry } from '../../src/engine/journal/journal.ts';
import type { JournalRecord } from '../../src/events/journal-record.ts';
import { ANY_RECORD, GOLDEN_RECORDS, RECORD_KINDS } from '../support/events/journal-records.ts';

export async function entriesOf(journal: Journal, from = 0): Promise<readonly JournalEntry[]> {
  const entries: JournalEntry[] = [];
  for await (const entry of journal.read(from)) entries.push(entry);
  return entries;
}

/** What every journal has to do. `open` gives a fresh, empty one. */
export function describeJournal(name: string, open: () => Promise<Journal>): void {
  describe(name, () => {
    const every = Object.values(GOLDEN_RECORDS) as readonly JournalRecord[];

    it('starts empty', async () => {
      await using journal = await open();
      expect(journal.length).toBe(0);
      expect(await entriesOf(journal)).toEqual([]);
    });

    it('gives back every kind of record, in order and with its position', async () => {
      await using journal = await open();
      expect(await journal.append(every)).toBe(0);
      expect(await entriesOf(journal)).toEqual(every.map((record, position) => ({ position, record })));
    });

    it('tells the position of what was appended, also when several append at once', async () => {
      await using journal = await open();
      const batches = every.map((record, i) => Array.from({ length: 1 + (i % 3) }, () => record));
      const positions = await Promise.all(batches.map((batch) => journal.append(batch)));
      const entries = await entriesOf(journal);
      for (const [i, batch] of batches.entries()) {
        const start = positions[i] ?? Number.NaN;
        expect(entries.slice(start, start + batch.length).map(({ record }) => record)).toEqual(batch);
      }
      expect(journal.length).toBe(batches.flat().length);
    });

    it('reads from a position on, past its end nothing', async () => {
      await using journal = await open();
      await journal.append(every);
      expect((await entriesOf(journal, 4)).map(({ position }) => position)).toEqual(every.map((_, i) => i).slice(4));
      expect(await entriesOf(journal, every.length)).toEqual([]);
    });

    it('appends nothing without a fuss', async () => {
      await using journal = await open();
      await journal.append(every);
      expect(await journal.append([])).toBe(every.length);
      expect(journal.length).toBe(every.length);
    });

    it('reads to where the journal ended when reading began', async () => {
      await using journal = await open();
      await journal.append(every);
      const seen: number[] = [];
      for await (const { position } of journal.read(0)) {
        if (position === 0) await journal.append(every);
        seen.push(position);
      }
      expect(seen).toHaveLength(every.length);
    });

    it('has a fingerprint of its first records, which tells when one of them is another', async () => {
      const [one, two, ...rest] = every;
      if (!one || !two) throw new TypeError('there are several kinds');
      await using journal = await open();
      await using other = await open();
      await using swapped = await open();
      await journal.append([one, two]);
      const early = await journal.fingerprint(2);
      await journal.append(rest);
      for (const record of [one, two, one]) await other.append([record]);
      await swapped.append([two, one]);
      expect(await journal.fingerprint(2)).toBe(early);
      expect(await other.fingerprint(2)).toBe(early);
      expect(await swapped.fingerprint(2)).not.toBe(early);
      expect(await journal.fingerprint(3)).not.toBe(await other.fingerprint(3));
      expect(await journal.fingerprint(3)).not.toBe(early);
    });

    it('gives back any records', async () => {
      const anyRecord = fc.oneof(...RECORD_KINDS.map((kind) => ANY_RECORD[kind]));
      await fc.assert(
        fc.asyncProperty(fc.array(anyRecord, { maxLength: 20 }), async (records) => {
          await using journal = await open();
          await journal.append(records);
          expect((await entriesOf(journal)).map(({ record }) => record)).toEqual(records);
        }),
        { numRuns: 10 },
      );
    });
  });
}
