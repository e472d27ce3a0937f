/** What every digester promises, on whatever thread it works. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Digester } from '../../src/fetcher/ports.ts';
import { HASH_BATCH_BYTES, HASH_QUEUE_BYTES } from '../../src/limits.ts';
import { sha3Of, someBytes } from '../support/announced-file.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { thrownBy } from '../support/thrown.ts';

const signal = new AbortController().signal;

export function describeDigester(name: string, create: () => Digester): void {
  describe(`${name} as a digester`, () => {
    let digester: Digester;
    beforeEach(() => {
      digester = create();
    });
    afterEach(() => digester[Symbol.asyncDispose]());

    async function fileOf(bytes: Uint8Array): Promise<string> {
      const path = join(await temporaryDirectory(), 'file');
      await writeFile(path, bytes);
      return path;
    }

    it.each([0, 1, 1000, HASH_BATCH_BYTES, HASH_QUEUE_BYTES + HASH_BATCH_BYTES + 7])(
      'hashes %i bytes as they come',
      async (length) => {
        const bytes = someBytes(length);
        await using stream = digester.open();
        for (let at = 0; at < length; at += 100_001) await stream.update(bytes.subarray(at, at + 100_001));
        expect(await stream.digest()).toBe(sha3Of(bytes));
      },
    );

    it('leaves the bytes it was given untouched, and has its own copy of them at once', async () => {
      await using stream = digester.open();
      const buffer = new Uint8Array(HASH_BATCH_BYTES).fill(1);
      const first = stream.update(buffer);
      buffer.fill(2);
      await first;
      await stream.update(buffer);
      expect(buffer.every((byte) => byte === 2)).toBe(true);
      const expected = new Uint8Array(HASH_BATCH_BYTES * 2).fill(1, 0, HASH_BATCH_BYTES).fill(2, HASH_BATCH_BYTES);
      expect(await stream.digest()).toBe(sha3Of(expected));
    });

    it('keeps streams that run at the same time apart', async () => {
      const all = [1, 2, 3, 4].map((seed) => someBytes(seed * 700_001, seed));
      const digests = all.map(async (bytes) => {
        await using stream = digester.open();
        await stream.update(bytes);
        return await stream.digest();
      });
      expect(await Promise.all(digests)).toEqual(all.map(sha3Of));
    });

    it('hashes a file, or its first bytes', async () => {
      const bytes = someBytes(HASH_BATCH_BYTES * 3 + 5);
      const path = await fileOf(bytes);
      expect(await digester.ofFile(path, { signal })).toBe(sha3Of(bytes));
      for (const length of [0, 1, HASH_BATCH_BYTES, HASH_BATCH_BYTES + 1, bytes.length]) {
        expect(await digester.ofFile(path, { signal, length })).toBe(sha3Of(bytes.subarray(0, length)));
      }
    });

    it('goes on from the prefix of a file without waiting for it', async () => {
      const bytes = someBytes(HASH_BATCH_BYTES * 4);
      const path = await fileOf(bytes);
      await using stream = digester.open({ path, length: HASH_BATCH_BYTES + 3 });
      await stream.update(bytes.subarray(HASH_BATCH_BYTES + 3));
      expect(await stream.digest()).toBe(sha3Of(bytes));
    });

    it('says that a file is missing, or shorter than the prefix asked for, and goes on working', async () => {
      const path = await fileOf(someBytes(10));
      await thrownBy('FILE_FAILED', () => digester.ofFile(`${path}-none`, { signal }));
      await using stream = digester.open({ path, length: 11 });
      await thrownBy('FILE_FAILED', () => stream.digest());
      expect(await digester.ofFile(path, { signal })).toBe(sha3Of(someBytes(10)));
    });

    it('stops with the reason of the signal', async () => {
      const path = await fileOf(someBytes(HASH_BATCH_BYTES * 8));
      const abort = new AbortController();
      const digest = digester.ofFile(path, { signal: abort.signal });
      abort.abort('enough');
      await expect(digest).rejects.toBe('enough');
      await expect(digester.ofFile(path, { signal: abort.signal })).rejects.toBe('enough');
    });
  });
}
