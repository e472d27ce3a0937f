/** What every digester promises, on whatever thread it works. */
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Digester } from '../../src/fetcher/ports.ts';
import { CHUNK_BYTES_MIN, HASH_BATCH_BYTES } from '../../src/limits.ts';
import { sha3Of, sha256OfChunks, someBytes } from '../support/fetcher/announced-file.ts';
import { temporaryDirectory } from '../support/folders/temporary-directory.ts';
import { thrownBy } from '../support/thrown.ts';

const signal = new AbortController().signal;

export function describeDigester(name: string, create: () => Digester): void {
  describe(`${name} as a digester`, () => {
    let digester: Digester;
    beforeAll(() => {
      digester = create();
    });
    afterAll(() => digester[Symbol.asyncDispose]());

    async function fileOf(bytes: Uint8Array): Promise<string> {
      const path = join(await temporaryDirectory(), 'file');
      await writeFile(path, bytes);
      return path;
    }

    it.each([0, 1, HASH_BATCH_BYTES, HASH_BATCH_BYTES * 3 + 5])('identifies a file of %i bytes', async (length) => {
      const bytes = someBytes(length);
      expect(await digester.identify(await fileOf(bytes), { signal })).toEqual({ digest: sha3Of(bytes) });
    });

    it.each([
      [0, CHUNK_BYTES_MIN],
      [1, CHUNK_BYTES_MIN],
      [CHUNK_BYTES_MIN, CHUNK_BYTES_MIN],
      [CHUNK_BYTES_MIN * 40 + 7, CHUNK_BYTES_MIN],
      [HASH_BATCH_BYTES * 3, HASH_BATCH_BYTES * 2],
    ])('hashes the chunks of %i bytes, %i at a time, together with the file', async (length, chunkSize) => {
      const bytes = someBytes(length);
      const identity = await digester.identify(await fileOf(bytes), { signal, chunkSize });
      expect(identity.digest).toBe(sha3Of(bytes));
      expect(Buffer.from(identity.hashes ?? [])).toEqual(sha256OfChunks(bytes, chunkSize));
    });

    it.each([0, 1, HASH_BATCH_BYTES * 3 + 5])(
      'tells how far it is with %i bytes, if anybody listens',
      async (length) => {
        const told: number[] = [];
        await digester.identify(await fileOf(someBytes(length)), { signal, onHashed: (bytes) => told.push(bytes) });
        expect(told).toEqual([...told].sort((a, b) => a - b));
        expect(told.at(-1) ?? 0).toBe(length);
      },
    );

    it('says that a file is missing, and goes on working', async () => {
      const path = await fileOf(someBytes(10));
      await thrownBy('FILE_FAILED', () => digester.identify(`${path}-none`, { signal }));
      expect(await digester.identify(path, { signal })).toEqual({ digest: sha3Of(someBytes(10)) });
    });

    it('stops identifying with the reason of the signal', async () => {
      const path = await fileOf(someBytes(HASH_BATCH_BYTES * 8));
      const abort = new AbortController();
      const identity = digester.identify(path, { signal: abort.signal });
      abort.abort('enough');
      await expect(identity).rejects.toBe('enough');
      await expect(digester.identify(path, { signal: abort.signal })).rejects.toBe('enough');
      expect((await digester.identify(path, { signal })).digest).toBe(sha3Of(someBytes(HASH_BATCH_BYTES * 8)));
    });

    it('follows a file that is being written, whatever its steps', async () => {
      const bytes = someBytes(HASH_BATCH_BYTES * 2 + 9);
      const path = await fileOf(new Uint8Array(0));
      await using writer = await open(path, 'r+');
      await using following = digester.follow(path);
      let written = 0;
      for (const to of [1, 1000, 1000, HASH_BATCH_BYTES + 1, bytes.length]) {
        await writer.write(bytes, written, to - written, written);
        following.advance(to);
        written = to;
      }
      expect(await following.digest()).toBe(sha3Of(bytes));
    });

    it('tells how far it has come, further each time, and at last that it has all', async () => {
      const bytes = someBytes(HASH_BATCH_BYTES * 2 + 9);
      const told: number[] = [];
      await using following = digester.follow(await fileOf(bytes), { onHashed: (to) => told.push(to) });
      following.advance(bytes.length);
      await following.digest();
      expect(told.at(-1)).toBe(bytes.length);
      expect(told).toEqual([...new Set(told)].toSorted((a, b) => a - b));
    });

    it('takes in nothing beyond the last advance', async () => {
      const bytes = someBytes(10_000);
      await using following = digester.follow(await fileOf(bytes));
      following.advance(4000);
      expect(await following.digest()).toBe(sha3Of(bytes.subarray(0, 4000)));
    });

    it('follows what stays empty, even when it is not there', async () => {
      await using following = digester.follow(`${await fileOf(new Uint8Array(0))}-none`);
      following.advance(0);
      expect(await following.digest()).toBe(sha3Of(new Uint8Array(0)));
    });

    it('keeps files that are followed at the same time apart', async () => {
      const all = [1, 2, 3, 4].map((seed) => someBytes(seed * 700_001, seed));
      const digests = all.map(async (bytes) => {
        await using following = digester.follow(await fileOf(bytes));
        following.advance(bytes.length);
        return await following.digest();
      });
      expect(await Promise.all(digests)).toEqual(all.map(sha3Of));
    });

    it('says that a followed file is missing, or shorter than was said', async () => {
      const path = await fileOf(someBytes(10));
      for (const [name, length] of [
        [`${path}-none`, 1],
        [path, 11],
      ] as const) {
        await using following = digester.follow(name);
        following.advance(length);
        await thrownBy('FILE_FAILED', () => following.digest());
      }
    });

    it('stops following when it is disposed', async () => {
      const following = digester.follow(await fileOf(someBytes(10)));
      following.advance(10);
      const cancelled = thrownBy('CANCELLED', () => following.digest());
      await following[Symbol.asyncDispose]();
      await cancelled;
    });
  });
}
