import { writeFile } from 'node:fs/promises';
import { availableParallelism, getPriority, setPriority } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createNativeSha3, createPortableSha3, createSha3 } from '../../../../src/fetcher/digest/sha3-adapter.ts';
import { niceThread } from '../../../../src/fetcher/digest/thread-niceness-adapter.ts';
import { createWorkerDigester } from '../../../../src/fetcher/digest/worker-digester-adapter.ts';
import { HASH_NICENESS } from '../../../../src/limits.ts';
import { sha3Of } from '../../../support/fetcher/announced-file.ts';
import { temporaryDirectory } from '../../../support/folders/temporary-directory.ts';
import { nicenessOfThreads } from '../../../support/threads/niceness-of-threads.ts';
import { thrownBy } from '../../../support/thrown.ts';

const OF_NOTHING =
  'a69f73cca23a9ac5c8b567dc185a756e97c982164fe25859e0d1dcc1475c80a615b2123af1f5f94c11e3e9402c3ac558f500199d95b6d3e301758586281dcd26';

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

describe('the hashing worker', () => {
  it('takes down what is under way when it is closed, and starts anew when it is used again', async () => {
    const digester = createWorkerDigester();
    await using following = digester.follow('/nowhere');
    const failed = thrownBy('WORKER_FAILED', () => following.digest());
    await digester[Symbol.asyncDispose]();
    await failed;
    await using again = digester.follow('/nowhere');
    expect(await again.digest()).toBe(sha3Of(new Uint8Array(0)));
    await digester[Symbol.asyncDispose]();
  });

  it('goes before others while it hashes what comes in, where that is worth it and allowed', async () => {
    const path = join(await temporaryDirectory(), 'file');
    await writeFile(path, 'a file');
    const digester = createWorkerDigester();
    let hashed = 0;
    const onHashed = (to: number) => {
      hashed = to;
    };
    await using following = digester.follow(path, { onHashed });
    following.advance(6);
    await expect.poll(() => hashed).toBe(6);
    const isWorthIt = availableParallelism() === 2 || availableParallelism() === 3;
    const [least] = await nicenessOfThreads();
    expect(least).toBe(getPriority() - (isWorthIt ? nicerBy(HASH_NICENESS) : 0));
    await following.digest();
    expect((await nicenessOfThreads())[0]).toBe(getPriority());
    await digester[Symbol.asyncDispose]();
  });
});

describe('the niceness of a thread', () => {
  it('is put back to what it was', () => {
    const before = getPriority();
    const niceness = niceThread(3);
    niceness.goFirst();
    expect(getPriority()).toBe(before - nicerBy(3));
    niceness.goAlong();
    expect(getPriority()).toBe(before);
  });
});

/** As many steps, if this process may take them. */
function nicerBy(steps: number): number {
  if (process.platform !== 'linux') return 0;
  const before = getPriority();
  try {
    setPriority(before - steps);
    return before - getPriority();
  } catch {
    return 0;
  } finally {
    setPriority(before);
  }
}
