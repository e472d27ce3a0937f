import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { createNativeSha3, createPortableSha3, createSha3 } from '../../../src/fetcher/digest/sha3-adapter.ts';
import { createWorkerDigester } from '../../../src/fetcher/digest/worker-digester-adapter.ts';
import { HASH_BATCH_BYTES } from '../../../src/limits.ts';

const folder = await mkdtemp(join(tmpdir(), 'swarmlog-digest-'));
afterAll(() => rm(folder, { recursive: true }));
const signal = new AbortController().signal;
const sha3 = (bytes: Uint8Array) => createHash('sha3-512').update(bytes).digest('hex');
const OF_NOTHING =
  'a69f73cca23a9ac5c8b567dc185a756e97c982164fe25859e0d1dcc1475c80a615b2123af1f5f94c11e3e9402c3ac558f500199d95b6d3e301758586281dcd26';

function someBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 1) bytes[at] = (at * 31 + (at >>> 8)) & 0xff;
  return bytes;
}

describe('SHA3-512', () => {
  it('is the one of FIPS 202, not Keccak', () => {
    expect(createSha3().digest()).toBe(OF_NOTHING);
  });

  it('comes out alike from node:crypto and from the sha3 package, however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }), (pieces) => {
        const [native, portable] = [createNativeSha3(), createPortableSha3()];
        for (const piece of pieces) {
          native.update(piece);
          portable.update(piece);
        }
        expect(portable.digest()).toBe(native.digest());
      }),
    );
  });
});

describe('worker digester', () => {
  it.each([0, 1, 1000, HASH_BATCH_BYTES, HASH_BATCH_BYTES * 2 + 7])('hashes %i bytes as they come', async (length) => {
    await using digester = createWorkerDigester();
    const bytes = someBytes(length);
    await using stream = digester.open();
    for (let at = 0; at < length; at += 100_001) await stream.update(bytes.subarray(at, at + 100_001));
    expect(await stream.digest()).toBe(sha3(bytes));
  });

  it('leaves the bytes it was given untouched, and may be given the same buffer again at once', async () => {
    await using digester = createWorkerDigester();
    await using stream = digester.open();
    const buffer = new Uint8Array(HASH_BATCH_BYTES).fill(1);
    const first = stream.update(buffer);
    buffer.fill(2);
    await first;
    await stream.update(buffer);
    expect(buffer.every((byte) => byte === 2)).toBe(true);
    const expected = new Uint8Array(HASH_BATCH_BYTES * 2).fill(1, 0, HASH_BATCH_BYTES).fill(2, HASH_BATCH_BYTES);
    expect(await stream.digest()).toBe(sha3(expected));
  });

  it('keeps streams that run at the same time apart', async () => {
    await using digester = createWorkerDigester();
    const all = [1, 2, 3, 4].map((seed) => someBytes(seed * 700_001));
    const digests = all.map(async (bytes) => {
      await using stream = digester.open();
      await stream.update(bytes);
      return await stream.digest();
    });
    expect(await Promise.all(digests)).toEqual(all.map(sha3));
  });

  it('hashes a file, or its first bytes', async () => {
    await using digester = createWorkerDigester();
    const path = join(folder, 'file');
    const bytes = someBytes(HASH_BATCH_BYTES * 3 + 5);
    await writeFile(path, bytes);
    expect(await digester.ofFile(path, { signal })).toBe(sha3(bytes));
    expect(await digester.ofFile(path, { signal, length: HASH_BATCH_BYTES + 1 })).toBe(
      sha3(bytes.subarray(0, HASH_BATCH_BYTES + 1)),
    );
    expect(await digester.ofFile(path, { signal, length: 0 })).toBe(OF_NOTHING);
  });

  it('goes on from the prefix of a file without waiting for it', async () => {
    await using digester = createWorkerDigester();
    const path = join(folder, 'prefix');
    const bytes = someBytes(HASH_BATCH_BYTES * 4);
    await writeFile(path, bytes);
    await using stream = digester.open({ path, length: HASH_BATCH_BYTES + 3 });
    await stream.update(bytes.subarray(HASH_BATCH_BYTES + 3));
    expect(await stream.digest()).toBe(sha3(bytes));
  });

  it('says that a file is missing, or shorter than the prefix asked for', async () => {
    await using digester = createWorkerDigester();
    await expect(digester.ofFile(join(folder, 'none'), { signal })).rejects.toMatchObject({ code: 'FILE_FAILED' });
    const path = join(folder, 'short');
    await writeFile(path, someBytes(10));
    await using stream = digester.open({ path, length: 11 });
    await expect(stream.digest()).rejects.toMatchObject({ code: 'FILE_FAILED' });
    expect(await digester.ofFile(path, { signal }), 'and goes on working').toBe(sha3(someBytes(10)));
  });

  it('stops with the reason of the signal', async () => {
    await using digester = createWorkerDigester();
    const path = join(folder, 'long');
    await writeFile(path, someBytes(HASH_BATCH_BYTES * 8));
    const abort = new AbortController();
    const digest = digester.ofFile(path, { signal: abort.signal });
    abort.abort('enough');
    await expect(digest).rejects.toBe('enough');
  });

  it('fails what is under way when it is closed, and works again when used again', async () => {
    const digester = createWorkerDigester();
    await using stream = digester.open();
    const digest = stream.digest();
    const failed = expect(digest).rejects.toMatchObject({ code: 'WORKER_FAILED' });
    await digester[Symbol.asyncDispose]();
    await failed;
    await using again = digester.open();
    expect(await again.digest()).toBe(OF_NOTHING);
    await digester[Symbol.asyncDispose]();
  });
});
