import { describe, expect, it } from 'vitest';
import type { JournalRecord } from '../../../src/events/journal-record.ts';
import { fileFields } from '../../../src/fetcher/file-key.ts';
import { createNotebook } from '../../../src/fetcher/notebook.ts';
import { announcedFile } from '../../support/fetcher/announced-file.ts';

const fact = (at: number): JournalRecord => ({
  kind: 'file-accepted',
  ...fileFields(announcedFile(new Uint8Array(0))),
  at,
});

describe('the notebook', () => {
  it('writes one record after the other, in their order', async () => {
    const written: number[] = [];
    let writing = 0;
    const notebook = createNotebook(async ({ at }) => {
      writing += 1;
      expect(writing).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      written.push(at);
      writing -= 1;
    });
    for (const at of [1, 2, 3]) notebook.note(fact(at));
    await notebook.written();
    expect(written).toEqual([1, 2, 3]);
  });

  it('says once that a record could not be written, and goes on with the next', async () => {
    const written: number[] = [];
    const notebook = createNotebook(async ({ at }) => {
      if (at === 1) throw new TypeError('no room');
      written.push(at);
    });
    notebook.note(fact(1));
    notebook.note(fact(2));
    await expect(notebook.written()).rejects.toThrow('no room');
    await notebook.written();
    expect(written).toEqual([2]);
  });
});
