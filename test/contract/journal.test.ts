import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Hypercore from 'hypercore';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openJournal } from '../../src/engine/journal/hypercore-adapter.ts';
import { memoryJournal } from '../support/engine/memory-journal.ts';
import { GOLDEN_RECORDS, RECORD_KINDS } from '../support/events/journal-records.ts';
import { temporaryDirectory } from '../support/folders/temporary-directory.ts';
import { thrownBy } from '../support/thrown.ts';
import { describeJournal, entriesOf } from './journal.contract.ts';

const record = GOLDEN_RECORDS['file-requested'];

describeJournal('memory journal', async () => memoryJournal());
describeJournal('hypercore journal', async () => openJournal(await temporaryDirectory()));

describe('hypercore journal on disk', () => {
  it('is there again after it was closed', async () => {
    const directory = join(await temporaryDirectory(), 'not', 'there', 'yet');
    const first = await openJournal(directory);
    await first.append([record]);
    await first.close();
    await first.close();
    await using second = await openJournal(directory);
    expect(await entriesOf(second)).toEqual([{ position: 0, record }]);
    expect(await second.append([record])).toBe(1);
  });

  it('keeps what was appended when its process is killed', async () => {
    const directory = await temporaryDirectory();
    const child = await appendInOtherProcess(directory);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await using journal = await openJournal(directory);
    const expected = [...Object.values(GOLDEN_RECORDS), GOLDEN_RECORDS['file-accepted']];
    expect((await entriesOf(journal)).map((entry) => entry.record)).toEqual(expected);
  });

  it('says so when another process has it open, and harms nothing', async () => {
    const directory = await temporaryDirectory();
    const child = await appendInOtherProcess(directory);
    await thrownBy('HOME_IN_USE', () => openJournal(directory));
    child.kill('SIGKILL');
    await once(child, 'exit');
    await using journal = await openJournal(directory);
    expect(journal.length).toBe(RECORD_KINDS.length + 1);
  });

  it('says so when this process has it open', async () => {
    const directory = await temporaryDirectory();
    await using journal = await openJournal(directory);
    await journal.append([record]);
    await thrownBy('HOME_IN_USE', () => openJournal(directory));
    expect(await journal.append([record])).toBe(1);
  });

  it('opens in a home that was copied elsewhere', async () => {
    const directory = await temporaryDirectory();
    const first = await openJournal(join(directory, 'home'));
    await first.append([record]);
    await first.close();
    await cp(join(directory, 'home'), join(directory, 'copy'), { recursive: true });
    await using copy = await openJournal(join(directory, 'copy'));
    expect(await entriesOf(copy)).toEqual([{ position: 0, record }]);
  });

  it.each([
    ['no JSON', '{'],
    ['no record', '{"kind":"file-eaten"}'],
  ])('names the position of a record that is %s', async (_, text) => {
    const directory = await temporaryDirectory();
    const core = new Hypercore(Hypercore.defaultStorage(directory, { allowBackup: true }));
    await core.ready();
    await core.append([Buffer.from(JSON.stringify(record)), Buffer.from(text)]);
    await core.close();
    await using journal = await openJournal(directory);
    const { data } = await thrownBy('STORE_CORRUPT', () => entriesOf(journal));
    expect(data.detail).toContain('record 1 ');
  });

  it('says so when there is no place for it', async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, 'file'), '');
    await thrownBy('FILE_FAILED', () => openJournal(join(directory, 'file', 'journal')));
  });

  it('says so when its files are damaged', async () => {
    const directory = await temporaryDirectory();
    const first = await openJournal(directory);
    await first.append([record]);
    await first.close();
    await writeFile(join(directory, 'db', 'CURRENT'), 'nonsense');
    await thrownBy('STORE_CORRUPT', () => openJournal(directory));
  });
});

async function appendInOtherProcess(directory: string): Promise<ChildProcess> {
  const script = new URL('../support/engine/append-and-hang.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--import', 'tsx', script, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}
