import { createHash } from 'node:crypto';
import type { Journal } from '../../../src/engine/journal/journal.ts';
import { JournalRecord } from '../../../src/events/journal-record.ts';

/** A journal that lives as long as the test; like the real one it keeps the records as JSON. */
export function memoryJournal(): Journal {
  const lines: string[] = [];
  return {
    get length() {
      return lines.length;
    },
    async append(records) {
      return lines.push(...records.map((record) => JSON.stringify(record))) - records.length;
    },
    async *read(from) {
      for (const [position, line] of lines.slice().entries()) {
        if (position >= from) yield { position, record: JournalRecord.parse(JSON.parse(line)) };
      }
    },
    fingerprint: async (length) => fingerprintOf(lines.slice(0, length)),
    async flush() {},
    async close() {},
    async [Symbol.asyncDispose]() {},
  };
}

/** As a journal of lines tells it. */
export function fingerprintOf(lines: readonly string[]): string {
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}
