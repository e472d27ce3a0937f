/** `up` and `fetch` where the disk cannot be written, or has no room: a sentence that says what to do, and all as before. */
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { temporaryFolder } from '../support/cli/built-program.ts';
import { startEngine, until } from '../support/cli/device.ts';
import { runHere } from '../support/cli/run-here.ts';
import { pathOf, twoDevices } from '../support/cli/two-devices.ts';
import { someBytes } from '../support/fetcher/announced-file.ts';
import { entriesUnder } from '../support/folders/entries-under.ts';
import { mountSmallDisk, type SmallDisk } from '../support/folders/small-disk.ts';
import { describeNeeding, root } from '../support/runner/needs.ts';

interface Trouble {
  readonly name: string;
  readonly code: 1 | 2;
  readonly says: RegExp;
  begin(disk: SmallDisk): void;
  end(disk: SmallDisk): void;
}

const TROUBLES: readonly Trouble[] = [
  {
    ...{ name: 'read-only', code: 2, says: /its file system is read-only; mount it so that it can be written/ },
    begin: (disk) => disk.setReadOnly(true),
    end: (disk) => disk.setReadOnly(false),
  },
  {
    ...{ name: 'full', code: 1, says: /The disk is full; .* Free some space and try again/ },
    begin: (disk) => disk.fill(),
    end: (disk) => disk.makeRoom(),
  },
];

describeNeeding(root, 'a home', () => {
  it.each(TROUBLES)('is not opened on a disk that is $name, and is as it was', async ({ code, says, begin, end }) => {
    using folder = temporaryFolder();
    using disk = mountSmallDisk(join(folder.path, 'disk'), 16);
    for (const kind of ['fresh', 'joined']) {
      const home = join(folder.path, 'disk', kind);
      cpSync(join(inject('homes'), kind, 'alice'), home, { recursive: true });
      const before = contentsOf(home);
      begin(disk);
      const up = await runHere(['up', '--home', home, '--bootstrap', '127.0.0.1:9']);
      end(disk);
      expect(up).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(says) });
      expect(contentsOf(home)).toEqual(before);
    }
  });
});

/** Without the journal's lock, and the diary of its storage. */
function contentsOf(home: string): ReadonlyMap<string, string> {
  const names = entriesUnder(home, ['db']).filter((name) => !/^journal(\/db)?$/.test(name));
  const isFolder = (name: string) => existsSync(join(home, name, '.'));
  return new Map(names.map((name) => [name, isFolder(name) ? '' : readFileSync(join(home, name), 'base64')]));
}

describeNeeding(root, 'files', () => {
  it('that cannot be written here say so, wait, and come when they can', async () => {
    await using stage = await twoDevices();
    const { alice, bob, bootstrap, conversation, folder } = stage;
    const data = dirname(pathOf(bob, conversation, 'any'));
    mkdirSync(data, { recursive: true });
    using disk = mountSmallDisk(data, 8);
    disk.setReadOnly(true);
    await using _ = await startEngine(alice, bootstrap);
    await using __ = await startEngine(bob, bootstrap);
    // One that comes with others, and one in chunks.
    for (const size of [1000, 3_000_000]) {
      const path = join(folder, `${size}.bin`);
      writeFileSync(path, someBytes(size));
      await alice.json('send-file', conversation, path);
    }
    await until(async () => (await alice.head()) === (await bob.head()));
    await until(async () => {
      const { stdout } = await bob.run('fetch', conversation);
      return stdout.match(/a disk here that cannot be written/g)?.length === 2;
    });
    disk.setReadOnly(false);
    for (const come of await bob.json('fetch', conversation, '--wait'))
      expect(come).toMatchObject({ outcome: 'complete' });
  });
});
