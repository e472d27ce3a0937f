/** The digest on the thread of the test: no worker to start, and nothing else moves meanwhile. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileFailure, SyncError } from '../../src/errors.ts';
import type { Digester, FilePrefix } from '../../src/fetcher/ports.ts';
import { Digest } from '../../src/ids.ts';

export function inlineDigester(): Digester {
  return {
    open(prefix) {
      const hash = createHash('sha3-512');
      const led = prefix ? firstBytes(prefix).then((bytes) => void hash.update(bytes)) : Promise.resolve();
      led.catch(() => {});
      const later: Uint8Array[] = [];
      return {
        async update(bytes) {
          later.push(bytes.slice());
        },
        async digest() {
          await led;
          for (const bytes of later) hash.update(bytes);
          return Digest.parse(hash.digest('hex'));
        },
        async [Symbol.asyncDispose]() {},
      };
    },
    async ofFile(path, { signal, length }) {
      signal.throwIfAborted();
      const bytes = await firstBytes({ path, ...(length !== undefined && { length }) });
      signal.throwIfAborted();
      return Digest.parse(createHash('sha3-512').update(bytes).digest('hex'));
    },
    async [Symbol.asyncDispose]() {},
  };
}

async function firstBytes({ path, length }: Omit<FilePrefix, 'length'> & { length?: number }): Promise<Uint8Array> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw fileFailure(path, error);
  });
  if (length !== undefined && bytes.length < length) {
    throw new SyncError('FILE_FAILED', { path, detail: 'it ends too early' });
  }
  return bytes.subarray(0, length);
}
