/** What every chunk checker promises, on whatever thread it works. */
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChunkChecker } from '../../src/fetcher/ports.ts';
import { CHUNK_BYTES_MIN, HASH_BATCH_BYTES } from '../../src/limits.ts';
import { sha256OfChunks, someBytes } from '../support/announced-file.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
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
  });
}
