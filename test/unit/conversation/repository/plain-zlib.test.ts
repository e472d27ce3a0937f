import { inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { plainZlib } from '../../../../src/conversation/repository/objects/plain-zlib.ts';
import { thrownBy } from '../../../support/thrown.ts';

it('is read by every inflater', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20_000, size: 'max' }), (bytes) => {
      expect(inflateSync(plainZlib(bytes))).toEqual(Buffer.from(bytes));
    }),
  );
});

it('sums up the largest block of the largest bytes', async () => {
  const bytes = new Uint8Array(0xffff).fill(0xff);
  expect(inflateSync(plainZlib(bytes)).equals(bytes)).toBe(true);
  await thrownBy('LIMIT_EXCEEDED', async () => plainZlib(new Uint8Array(0x10000)));
});
