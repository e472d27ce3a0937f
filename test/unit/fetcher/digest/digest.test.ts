import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createNativeSha3, createPortableSha3, createSha3 } from '../../../../src/fetcher/digest/sha3-adapter.ts';
import { createWorkerDigester } from '../../../../src/fetcher/digest/worker-digester-adapter.ts';
import { sha3Of } from '../../../support/fetcher/announced-file.ts';
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
});
