/** What every disk for many files promises, on whatever thread it works. */
import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BatchDisk, FileToPlace } from '../../src/fetcher/ports.ts';
import { SMALL_FILE_BYTES } from '../../src/limits.ts';
import { sha3Of, someBytes } from '../support/fetcher/announced-file.ts';
import { temporaryDirectory } from '../support/folders/temporary-directory.ts';
import { thrownBy } from '../support/thrown.ts';

export function describeBatchDisk(name: string, create: () => BatchDisk): void {
  describe(`${name} as a disk for many files`, () => {
    let disk: BatchDisk;
    let folder: string;
    beforeAll(() => {
      disk = create();
    });
    afterAll(() => disk[Symbol.asyncDispose]());
    beforeEach(async () => {
      folder = await temporaryDirectory();
    });

    const at = (place: number) => join(folder, `${place}`);
    const toPlace = (place: number, bytes = someBytes(100, place)): FileToPlace => ({
      ...{ path: at(place), digest: sha3Of(bytes), bytes },
    });

    it('has nothing to do for nothing', async () => {
      expect([await disk.look([]), await disk.read([]), await disk.place([])]).toEqual([[], [], []]);
    });

    it('says what stands under each name, links followed', async () => {
      await writeFile(at(0), someBytes(7));
      await mkdir(at(1));
      await symlink(at(0), at(2));
      await symlink(at(9), at(3));
      const { mtimeMs, ino: inode } = await stat(at(0));
      const file = { size: 7, mtimeMs, inode };
      const names = [at(9), join(at(0), 'below a file'), at(0), at(1), at(2), at(3)];
      expect(await disk.look(names)).toEqual(['nothing', 'nothing', file, 'no-file', file, 'nothing']);
    });

    it('says which name may not be looked at, and goes on working', async () => {
      const tooLong = join(folder, 'x'.repeat(5000));
      expect((await thrownBy('FILE_FAILED', () => disk.look([at(0), tooLong]))).data.path).toBe(tooLong);
      expect(await disk.look([at(0)])).toEqual(['nothing']);
    });

    it('reads whole files in the order given, as their stamps say, and passes over what is none', async () => {
      await writeFile(at(0), someBytes(SMALL_FILE_BYTES, 1));
      await writeFile(at(1), someBytes(SMALL_FILE_BYTES + 1, 2));
      await writeFile(at(2), '');
      await mkdir(at(3));
      const found = await disk.read([at(9), at(2), at(1), at(0), at(3)]);
      expect(found.map((file) => file && Buffer.from(file.bytes))).toEqual([
        ...[undefined, Buffer.alloc(0), undefined, Buffer.from(someBytes(SMALL_FILE_BYTES, 1)), undefined],
      ]);
      const [stamp] = await disk.look([at(0)]);
      expect(found[3]?.stamp).toEqual(stamp);
    });

    it('places files whose digests are right under their names, in a folder that it makes, and leaves nothing else', async () => {
      await rm(folder, { recursive: true });
      const files = [0, 1, 2, 3].map((place) => toPlace(place));
      const wrong = { ...toPlace(4), digest: sha3Of(someBytes(1)) };
      const placements = await disk.place([...files.slice(0, 2), wrong, ...files.slice(2)]);
      expect(placements.map(({ outcome }) => outcome)).toEqual([
        ...['placed', 'placed', 'wrong-digest', 'placed', 'placed'],
      ]);
      expect((await readdir(folder)).sort()).toEqual(['0', '1', '2', '3']);
      for (const { path, bytes } of files) expect(await readFile(path)).toEqual(Buffer.from(bytes));
      const stamps = placements.flatMap((placement) => (placement.outcome === 'placed' ? [placement.stamp] : []));
      expect(stamps).toEqual(await disk.look(files.map(({ path }) => path)));
    });

    it('puts a file in the place of what stood there, and over what an earlier try left', async () => {
      await writeFile(at(0), 'something else');
      await writeFile(`${at(0)}.tmp`, 'more than a half of it'.repeat(100));
      expect(await disk.place([toPlace(0)])).toMatchObject([{ outcome: 'placed' }]);
      expect(await readFile(at(0))).toEqual(Buffer.from(someBytes(100, 0)));
      expect(await readdir(folder)).toEqual(['0']);
    });

    it('does not follow a link that lies under the temporary name, and fails for that file only', async () => {
      await writeFile(at(9), 'must stay');
      await symlink(at(9), `${at(0)}.tmp`);
      expect(await disk.place([toPlace(0), toPlace(1)])).toMatchObject([
        { outcome: 'failed', isDiskFull: false },
        { outcome: 'placed' },
      ]);
      expect(await readFile(at(9), 'utf8')).toBe('must stay');
    });

    it('fails for a file whose name is a folder’s, and takes its temporary file away', async () => {
      await mkdir(at(0));
      expect(await disk.place([toPlace(0), toPlace(1)])).toMatchObject([{ outcome: 'failed' }, { outcome: 'placed' }]);
      expect((await readdir(folder)).sort()).toEqual(['0', '1']);
    });

    it('does several things at a time', async () => {
      await disk.place([toPlace(0)]);
      const [placed, read, looked] = await Promise.all([
        disk.place([toPlace(1), toPlace(2)]),
        disk.read([at(0)]),
        disk.look([at(0)]),
      ]);
      expect([placed.length, read.length, looked.length]).toEqual([2, 1, 1]);
    });
  });
}
