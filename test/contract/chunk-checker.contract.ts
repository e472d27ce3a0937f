/** What every chunk checker promises, on whatever thread it works. */
import { open, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chunkHash } from '../../src/fetcher/chunks/chunk-list.ts';
import type { ChunkChecker, ChunkIntake } from '../../src/fetcher/ports.ts';
import { CHUNK_BYTES_MIN, HASH_BATCH_BYTES } from '../../src/limits.ts';
import { sha256OfChunks, someBytes } from '../support/fetcher/announced-file.ts';
import { mountSmallDisk } from '../support/folders/small-disk.ts';
import { temporaryDirectory } from '../support/folders/temporary-directory.ts';
import { describeNeeding, root } from '../support/runner/needs.ts';
import { thrownBy } from '../support/thrown.ts';

const signal = new AbortController().signal;
const SIZE = CHUNK_BYTES_MIN;

export function describeChunkChecker(name: string, create: () => ChunkChecker): void {
  describe(`${name} as a chunk checker`, () => {
    let checker: ChunkChecker;
    beforeAll(() => {
      checker = create();
    });
    afterAll(() => checker[Symbol.asyncDispose]());

    async function fileOf(bytes: Uint8Array): Promise<string> {
      const path = join(await temporaryDirectory(), 'file');
      await writeFile(path, bytes);
      return path;
    }

    function chunksOf(bytes: Uint8Array, chunks: readonly number[], size = SIZE) {
      return { totalSize: bytes.length, size, hashes: sha256OfChunks(bytes, size), chunks };
    }

    it.each([0, 1, SIZE, SIZE + 1, SIZE * 40 + 7])('lists the chunk hashes of %i bytes', async (length) => {
      const bytes = someBytes(length);
      const hashes = await checker.hashesOf(await fileOf(bytes), { size: SIZE, signal });
      expect(Buffer.from(hashes)).toEqual(sha256OfChunks(bytes, SIZE));
    });

    it('finds nothing wrong with what is right, the short last chunk included', async () => {
      const bytes = someBytes(SIZE * 3 + 5);
      expect(await checker.badChunks(await fileOf(bytes), chunksOf(bytes, [3, 0, 2]), { signal })).toEqual([]);
    });

    it('names the chunks that are wrong, among those it was asked for only', async () => {
      const bytes = someBytes(SIZE * 6);
      const path = await fileOf(bytes);
      await using file = await open(path, 'r+');
      for (const chunk of [1, 3, 4])
        await file.write(Buffer.from([bytes[chunk * SIZE] === 0 ? 1 : 0]), 0, 1, chunk * SIZE);
      expect(await checker.badChunks(path, chunksOf(bytes, [0, 1, 2, 4, 5]), { signal })).toEqual([1, 4]);
    });

    it('checks chunks that are longer than what is read at a time', async () => {
      const bytes = someBytes(HASH_BATCH_BYTES * 5);
      const path = await fileOf(bytes);
      expect(await checker.badChunks(path, chunksOf(bytes, [0, 1, 2], HASH_BATCH_BYTES * 2), { signal })).toEqual([]);
    });

    it('calls a chunk wrong that the file ends in, or before', async () => {
      const bytes = someBytes(SIZE * 3);
      const path = await fileOf(bytes.subarray(0, SIZE + 10));
      expect(await checker.badChunks(path, chunksOf(bytes, [0, 1, 2]), { signal })).toEqual([1, 2]);
    });

    it('says that a file is missing, and goes on working', async () => {
      const bytes = someBytes(10);
      const path = await fileOf(bytes);
      await thrownBy('FILE_FAILED', () => checker.badChunks(`${path}-none`, chunksOf(bytes, [0]), { signal }));
      await thrownBy('FILE_FAILED', () => checker.hashesOf(`${path}-none`, { size: SIZE, signal }));
      expect(await checker.badChunks(path, chunksOf(bytes, [0]), { signal })).toEqual([]);
    });

    it('stops with the reason of the signal', async () => {
      const bytes = someBytes(SIZE * 100);
      const path = await fileOf(bytes);
      const abort = new AbortController();
      const hashes = checker.hashesOf(path, { size: SIZE, signal: abort.signal });
      const bad = checker.badChunks(path, chunksOf(bytes, [0, 1]), { signal: abort.signal });
      abort.abort('enough');
      const enough = { status: 'rejected', reason: 'enough' };
      expect(await Promise.allSettled([hashes, bad])).toEqual([enough, enough]);
    });

    describe('taking chunks in', () => {
      const layout = { totalSize: SIZE * 3 + 5, size: SIZE };

      it('writes each byte where it belongs, and tells the hash of a chunk with its last bytes', async () => {
        const bytes = someBytes(layout.totalSize);
        const list = sha256OfChunks(bytes, SIZE);
        const path = await fileOf(new Uint8Array(0));
        await using intake = checker.takeIn(path, layout);
        const write = (start: number, ...ends: number[]) => {
          const starts = [start, ...ends];
          const pieces = ends.map((end, index) => bytes.slice(starts[index], end));
          return intake.write({ position: start, pieces });
        };
        const third = write(SIZE * 3, SIZE * 3 + 2, SIZE * 3 + 5);
        const begun = write(SIZE, SIZE + 10);
        const first = write(0, SIZE);
        const second = write(SIZE + 10, SIZE + 11, SIZE * 2);
        const last = write(SIZE * 2, SIZE * 3);
        expect(await begun).toBeUndefined();
        for (const [chunk, hash] of [await first, await second, await last, await third].entries())
          expect(Buffer.from(hash ?? []), `chunk ${chunk}`).toEqual(Buffer.from(chunkHash(list, chunk)));
        expect((await readFile(path)).equals(bytes)).toBe(true);
      });

      it('forgets what it hashed of a chunk that begins anew', async () => {
        const bytes = someBytes(SIZE);
        const path = await fileOf(new Uint8Array(0));
        await using intake = checker.takeIn(path, layout);
        await intake.write({ position: 0, pieces: [new Uint8Array(100)] });
        const hash = await intake.write({ position: 0, pieces: [bytes.slice()] });
        expect(Buffer.from(hash ?? [])).toEqual(sha256OfChunks(bytes, SIZE));
        expect((await readFile(path)).equals(bytes)).toBe(true);
      });

      it('has written all that it was given when it is closed', async () => {
        const path = await fileOf(new Uint8Array(0));
        const intake = checker.takeIn(path, layout);
        const writes = [0, 1, 2].map((chunk) => {
          const pieces = [new Uint8Array(SIZE).fill(chunk + 1)];
          return intake.write({ position: chunk * SIZE, pieces });
        });
        await intake[Symbol.asyncDispose]();
        const written = await readFile(path);
        expect([written.length, written[0], written[SIZE], written[2 * SIZE]]).toEqual([3 * SIZE, 1, 2, 3]);
        await Promise.all(writes);
      });

      it('says that a file is missing, writes nothing more, and goes on with others', async () => {
        const path = await fileOf(new Uint8Array(0));
        await using missing = checker.takeIn(`${path}-none`, layout);
        await using intake = checker.takeIn(path, layout);
        const write = (to: ChunkIntake) => to.write({ position: 0, pieces: [new Uint8Array(10)] });
        await thrownBy('FILE_FAILED', () => write(missing));
        await thrownBy('FILE_FAILED', () => write(missing));
        await write(intake);
        expect((await readFile(path)).length).toBe(10);
      });

      it('follows no link', async () => {
        const path = await fileOf(new Uint8Array(0));
        await symlink(path, `${path}.tmp`);
        await using intake = checker.takeIn(`${path}.tmp`, layout);
        await thrownBy('FILE_FAILED', () => intake.write({ position: 0, pieces: [new Uint8Array(10)] }));
        expect((await readFile(path)).length).toBe(0);
      });
    });

    describeNeeding(root, 'on a small disk', () => {
      it('says that the disk is full', async () => {
        const folder = join(await temporaryDirectory(), 'disk');
        using _ = mountSmallDisk(folder, 1);
        const path = join(folder, 'file');
        await writeFile(path, '');
        await using intake = checker.takeIn(path, { totalSize: 2 ** 24, size: 2 ** 22 });
        await thrownBy('DISK_FULL', () => intake.write({ position: 0, pieces: [new Uint8Array(2 ** 22)] }));
      });
    });
  });
}
