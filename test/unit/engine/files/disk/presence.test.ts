import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { announcedFile } from '../../../../../src/engine/files/announced-file.ts';
import { createPresence, type Presence } from '../../../../../src/engine/files/disk/presence.ts';
import { type Home, openHome } from '../../../../../src/engine/home/home-adapter.ts';
import { type JournalKeeper, openJournalKeeper } from '../../../../../src/engine/journal/journal-keeper.ts';
import type { JournalRecord } from '../../../../../src/events/journal-record.ts';
import { createFileStore } from '../../../../../src/fetcher/disk/file-store-adapter.ts';
import type { AnnouncedFile, Digester } from '../../../../../src/fetcher/ports.ts';
import type { Clock } from '../../../../../src/ports.ts';
import { announcedFiles } from '../../../../../src/projections/files.ts';
import { person, type WrittenLog, writtenGroup } from '../../../../support/engine/live-conversations.ts';
import { memoryJournal } from '../../../../support/engine/memory-journal.ts';
import { sha3Of } from '../../../../support/fetcher/announced-file.ts';
import { inlineBatchDisk } from '../../../../support/fetcher/inline-batch-disk.ts';
import { inlineDigester } from '../../../../support/fetcher/inline-digester.ts';
import { temporaryDirectory } from '../../../../support/folders/temporary-directory.ts';
import { only } from '../../../../support/only.ts';
import { quietLog } from '../../../../support/quiet-log.ts';
import { realClock } from '../../../../support/time/real-clock.ts';
import { until } from '../../../../support/time/until.ts';
import { createVirtualClock } from '../../../../support/time/virtual-clock.ts';
import { whileTimePasses } from '../../../../support/time/while-time-passes.ts';

const BYTES = Buffer.from('what was announced');

interface Setting {
  readonly home: Home;
  readonly keeper: JournalKeeper;
  readonly presence: Presence;
  readonly group: WrittenLog;
  readonly file: AnnouncedFile;
  /** Where the file belongs. */
  readonly path: string;
  /** The kinds of records, as they come. */
  readonly told: string[];
  readonly ending: AbortController;
}

async function setUp(digester: Digester = inlineDigester(), clock: Clock = realClock): Promise<Setting> {
  const home = await openHome(await temporaryDirectory());
  const keeper = await openJournalKeeper(memoryJournal(), quietLog);
  const told: string[] = [];
  keeper.listen((records) => told.push(...records.map((one) => ('state' in one ? one.state : one.kind))));
  const group = await writtenGroup();
  const announcement = { displayName: 'a.png', totalSize: BYTES.length, sha3sum: sha3Of(BYTES), tid: '7' };
  group.write({ kind: 'file-announced', ...announcement }, 2);
  await group.conversation.refold();
  const file = announcedFile(group.conversation, only([...announcedFiles(group.conversation.states().files)]));
  const folder = home.dataDirectory(group.conversation.id);
  await mkdir(folder, { recursive: true });
  const ending = new AbortController();
  const { signal } = ending;
  const disks = { digester, batchDisk: inlineBatchDisk };
  const presence = createPresence({ home, clock, log: quietLog, ...disks, keeper, signal });
  const path = createFileStore(folder).pathOf(file.fileId);
  return { home, keeper, presence, group, file, path, told, ending };
}

const begin = ({ group, file }: Setting): JournalRecord => ({
  ...{ kind: 'sub-transfer-started', conversation: group.conversation.id, interaction: file.interaction },
  ...{ fileId: file.fileId, peer: person(2).device, direction: 'receiving', start: 0, at: 1 },
});

describe('what lies on the disk', () => {
  it('is journalled when it is news, and only then', async () => {
    const { presence, group, path, told } = await setUp();
    const scan = () => presence.scan(group.conversation);
    await scan();
    expect(told).toEqual([]);
    await writeFile(path, BYTES);
    await scan();
    await scan();
    expect(told).toEqual(['file-verified']);
    await rm(path);
    await scan();
    await scan();
    await writeFile(path, 'x'.repeat(BYTES.length));
    await scan();
    await scan();
    expect(told).toEqual(['file-verified', 'missing', 'corrupt']);
  });

  it('is not hashed again while it looks the same', async () => {
    let hashed = 0;
    const inner = inlineDigester();
    const setting = await setUp({
      ...inner,
      identify: (path, options) => inner.identify(path, options).finally(() => (hashed += 1)),
    });
    await writeFile(setting.path, BYTES);
    await setting.presence.scan(setting.group.conversation);
    await setting.presence.scan(setting.group.conversation);
    expect(hashed).toBe(1);
  });

  it('is the receiver’s business while it is being received', async () => {
    const setting = await setUp();
    setting.keeper.record(begin(setting));
    await writeFile(`${setting.path}.tmp`, 'half');
    await setting.presence.scan(setting.group.conversation);
    expect(setting.told).toEqual(['sub-transfer-started']);
  });

  it('is not said to be what it was, when it changed while we looked', async () => {
    const inner = inlineDigester();
    const setting = await setUp({
      ...inner,
      async identify(path, options) {
        const identity = await inner.identify(path, options);
        const { conversation } = setting.group;
        const { interaction, fileId } = setting.file;
        const stamp = { size: BYTES.length, mtimeMs: 1, inode: 1 };
        setting.keeper.record({
          kind: 'file-verified',
          conversation: conversation.id,
          interaction,
          fileId,
          ...stamp,
          at: 1,
        });
        return identity;
      },
    });
    await writeFile(setting.path, 'x'.repeat(BYTES.length));
    await setting.presence.scan(setting.group.conversation);
    expect(setting.told).toEqual(['file-verified']);
  });

  it('is looked at again when the folder changes, once it has settled', async () => {
    const clock = createVirtualClock();
    const { presence, group, path, told, ending } = await setUp(inlineDigester(), clock);
    presence.watch(group.conversation);
    await writeFile(join(path, '..', 'something else'), 'x');
    await writeFile(path, BYTES.subarray(0, 5));
    await writeFile(path, BYTES);
    await whileTimePasses(
      clock,
      until(() => told.length > 0),
    );
    expect(told).toEqual(['file-verified']);
    await rm(path);
    await whileTimePasses(
      clock,
      until(() => told.length > 1),
    );
    expect(told).toEqual(['file-verified', 'missing']);
    ending.abort();
    await presence.idle();
  });
});
