import { inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { plainZlib } from '../../../../../src/conversation/repository/objects/plain-zlib.ts';
import { thrownBy } from '../../../../support/thrown.ts';

const MOST = 0xffff;

it('is read by every inflater', () => {
  const pattern = fc.uint8Array({ minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(fc.nat(MOST), pattern, (length, repeated) => {
      const bytes = Buffer.alloc(length, repeated);
      expect(inflateSync(plainZlib(bytes)).equals(bytes)).toBe(true);
    }),
  );
});

it('sums up the largest block of the largest bytes, and takes no more', async () => {
  const bytes = new Uint8Array(MOST).fill(0xff);
  expect(inflateSync(plainZlib(bytes)).equals(bytes)).toBe(true);
  await thrownBy('LIMIT_EXCEEDED', async () => plainZlib(new Uint8Array(MOST + 1)));
});
