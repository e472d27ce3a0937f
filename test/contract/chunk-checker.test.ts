import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createWorkerChunkChecker } from '../../src/fetcher/chunks/worker-chunk-checker-adapter.ts';
import { CHUNK_BYTES_MIN } from '../../src/limits.ts';
import { sha256OfChunks } from '../support/fetcher/announced-file.ts';
import { inlineChunkChecker } from '../support/fetcher/inline-digester.ts';
import { temporaryDirectory } from '../support/folders/temporary-directory.ts';
import { patience } from '../support/time/patience.ts';
import { describeChunkChecker } from './chunk-checker.contract.ts';

describeChunkChecker('the chunk worker', createWorkerChunkChecker);
describeChunkChecker('the double', inlineChunkChecker);

it('reads chunks beyond 4 GiB from where they are', async () => {
  await using checker = createWorkerChunkChecker();
  const size = CHUNK_BYTES_MIN;
  const totalSize = 5 * 1024 ** 3;
  const path = join(await temporaryDirectory(), 'sparse');
  await using file = await open(path, 'w');
  await file.truncate(totalSize);
  const last = totalSize / size - 1;
  await file.write(Buffer.from('x'), 0, 1, last * size);
  const zeros = sha256OfChunks(new Uint8Array(size), size);
  const hashes = new Uint8Array((last + 1) * zeros.length);
  for (const chunk of [0, 70_000, last - 1, last]) hashes.set(zeros, chunk * zeros.length);
  const signal = patience();
  const chunks = [0, 70_000, last - 1, last];
  expect(await checker.badChunks(path, { totalSize, size, hashes, chunks }, { signal })).toEqual([last]);
});
