/** What a device writes by itself, on a real disk that is full or cannot be written: as it was, and it goes on afterwards. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { verifyHistory } from '../../src/conversation/judge/verify-history.ts';
import { createConversation } from '../../src/conversation/write/create-conversation.ts';
import { openHome } from '../../src/engine/home/home-adapter.ts';
import { openJournal } from '../../src/engine/journal/hypercore-adapter.ts';
import { createAccountIn } from '../../src/identity/account-store-adapter.ts';
import { entriesOf } from '../contract/journal.contract.ts';
import { GOLDEN_RECORDS } from '../support/events/journal-records.ts';
import { entriesUnder } from '../support/folders/entries-under.ts';
import { mountSmallDisk } from '../support/folders/small-disk.ts';
import { temporaryDirectory } from '../support/folders/temporary-directory.ts';
import { TEST_NOW, testAccount, testRandom, wholeTestAccount } from '../support/identity/accounts.ts';
import { describeNeeding, root } from '../support/runner/needs.ts';
import { thrownBy } from '../support/thrown.ts';
import { createVirtualClock } from '../support/time/virtual-clock.ts';

const RECORDS = Object.values(GOLDEN_RECORDS);
const clock = createVirtualClock(TEST_NOW + 86_400_000);
const { signal } = new AbortController();

async function smallDisk(size: number) {
  const folder = join(await temporaryDirectory(), 'disk');
  return { folder, disk: mountSmallDisk(folder, size) };
}

describeNeeding(root, 'a journal', () => {
  it('says so while the disk is full, keeps what it has, and goes on when there is room', async () => {
    const { folder, disk } = await smallDisk(8);
    using _ = disk;
    await using journal = await openJournal(join(folder, 'journal'));
    await journal.append(RECORDS);
    disk.fill();
    let appended = 1;
    await thrownBy('DISK_FULL', async () => {
      for (; ; appended++) await journal.append(RECORDS);
    });
    await thrownBy('DISK_FULL', () => journal.append(RECORDS));
    expect(await entriesOf(journal)).toHaveLength(appended * RECORDS.length);
    disk.makeRoom();
    expect(await journal.append(RECORDS)).toBe(appended * RECORDS.length);
    await journal.flush();
    expect(await entriesOf(journal)).toHaveLength((appended + 1) * RECORDS.length);
    await journal.close();
    await using again = await openJournal(join(folder, 'journal'));
    expect((await entriesOf(again, appended * RECORDS.length)).map(({ record }) => record)).toEqual(RECORDS);
    expect(entriesUnder(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('is opened neither on a full disk nor on one that cannot be written, and is as it was', async () => {
    const { folder, disk } = await smallDisk(8);
    using _ = disk;
    const path = join(folder, 'journal');
    const first = await openJournal(path);
    await first.append(RECORDS);
    await first.close();
    disk.fill();
    await thrownBy('DISK_FULL', () => openJournal(path));
    disk.makeRoom();
    disk.setReadOnly(true);
    expect((await thrownBy('FILE_FAILED', () => openJournal(path))).data.detail).toContain('read-only');
    disk.setReadOnly(false);
    await using journal = await openJournal(path);
    expect(await entriesOf(journal)).toHaveLength(RECORDS.length);
  });
});

describeNeeding(root, 'a log', () => {
  it('says so while the disk is full, stands where it stood, and goes on when there is room', async () => {
    const { folder, disk } = await smallDisk(4);
    using _ = disk;
    const keys = await testAccount('alice');
    await using log = await createConversation(
      { directory: folder, keys, clock, random: testRandom },
      { mode: 'invites-only' },
    );
    const say = (body: string) => log.append({ kind: 'send-text', body });
    disk.fill();
    let last = log.head();
    await thrownBy('DISK_FULL', async () => {
      for (;;) last = (await say('x'.repeat(1000))).id;
    });
    expect(log.head()).toBe(last);
    await thrownBy('DISK_FULL', () =>
      createConversation({ directory: folder, keys, clock, random: testRandom }, { mode: 'public' }),
    );
    expect(readdirSync(folder).toSorted()).toEqual([log.id, 'filling'].toSorted());
    disk.makeRoom();
    expect((await say('there is room')).parents).toEqual([last]);
    expect((await verifyHistory(log.repository, { signal })).valid).toBe(true);
  });
});

describeNeeding(root, 'an account', () => {
  it('is not made by halves on a full disk, and leaves no folder behind', async () => {
    const { folder, disk } = await smallDisk(1);
    using _ = disk;
    const { keys } = await wholeTestAccount('alice');
    const home = join(folder, 'deep', 'home');
    const init = () => createAccountIn(home, { name: 'Alice', keys, now: Date.now(), random: testRandom });
    disk.fill();
    await thrownBy('DISK_FULL', init);
    expect(entriesUnder(folder)).toEqual(['filling']);
    disk.makeRoom();
    disk.setReadOnly(true);
    // Of a folder in another one that is not there either, the system says no more than that it is missing.
    expect((await thrownBy('FILE_FAILED', init)).data.detail).toContain('read-only');
    disk.setReadOnly(false);
    await init();
    await openHome(home);
  });
});
