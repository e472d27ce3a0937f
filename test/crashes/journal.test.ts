/**
 * The journal when the power goes. Its storage writes by itself, so what it does cannot be recorded; but all that it leaves
 * unflushed is the end of its write-ahead log, and that can be cut off anywhere.
 */
import { cpSync, statSync, truncateSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';
import { openJournal } from '../../src/engine/journal/hypercore-adapter.ts';
import { createCrashStage, QUICK } from '../support/disk/crash-stage.ts';
import { watchDisk } from '../support/disk/watched-fs.ts';
import { GOLDEN_RECORDS } from '../support/events/journal-records.ts';

const RECORDS = Object.values(GOLDEN_RECORDS);

/** A journal whose first records were flushed, and whose others were not, as it lies on the disk when the power goes. */
async function unfinishedJournal(folder: string) {
  const path = join(folder, 'journal');
  const flushed = new Map<string, number>();
  await using journal = await openJournal(path);
  const after = (call: { kind: string; file?: { path: string } }) => {
    if (call.kind === 'flush' && call.file) flushed.set(call.file.path, statSync(call.file.path).size);
  };
  using _ = watchDisk(path, { before: () => {}, after });
  await journal.append(RECORDS);
  await journal.flush();
  const [log] = [...flushed.keys()].filter((name) => name.endsWith('.log'));
  if (log === undefined) throw new TypeError('no log was flushed');
  const durable = statSync(log).size;
  for (const record of RECORDS) await journal.append([record]);
  const copy = join(folder, 'copy');
  cpSync(path, copy, { recursive: true });
  return { copy, log: join('db', basename(log)), durable, isNameFlushed: flushed.has(join(path, 'db')) };
}

it('keeps what was flushed, whatever is lost of the rest, and goes on', async () => {
  using crashes = createCrashStage(QUICK);
  const folder = crashes.folder('journal');
  const { copy, log, durable, isNameFlushed } = await unfinishedJournal(folder);
  expect(isNameFlushed).toBe(true);
  const end = statSync(join(copy, log)).size;
  expect(end).toBeGreaterThan(durable);
  for (const part of [0, 0.01, 0.3, 0.5, 0.99]) {
    const cut = join(folder, `cut-${part}`);
    cpSync(copy, cut, { recursive: true });
    truncateSync(join(cut, log), durable + Math.floor((end - durable) * part));
    await using journal = await openJournal(cut);
    const records = [];
    for await (const { record } of journal.read(0)) records.push(record);
    expect(records).toEqual([...RECORDS, ...RECORDS].slice(0, records.length));
    expect(records.length).toBeGreaterThanOrEqual(RECORDS.length);
    expect(await journal.append(RECORDS.slice(0, 1))).toBe(records.length);
  }
});
