import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatOffset,
  formatSize,
  readOffset,
  readSize,
} from '../../../../../src/conversation/repository/packs/varint.ts';
import { thrownBy } from '../../../../support/thrown.ts';

const numbers = fc.maxSafeNat();
const before = fc.uint8Array({ maxLength: 5 });

describe.each([
  ['a size', { format: formatSize, read: readSize }],
  ['an offset', { format: formatOffset, read: readOffset }],
])('%s', (_name, { format, read }) => {
  it('reads as it was written, wherever it stands', () => {
    fc.assert(
      fc.property(numbers, before, before, (value, head, tail) => {
        const written = format(value);
        const bytes = Buffer.concat([head, written, tail]);
        expect(read(bytes, head.byteLength)).toEqual({ value, next: head.byteLength + written.byteLength });
      }),
    );
  });

  it('is not there yet while a byte is missing', () => {
    fc.assert(
      fc.property(numbers, (value) => {
        const written = format(value);
        for (let length = 0; length < written.byteLength; length++)
          expect(read(written.subarray(0, length), 0)).toBeUndefined();
      }),
    );
  });

  it('is refused when it is too large to count with', () =>
    thrownBy('MALFORMED', () => read(new Uint8Array(12).fill(0xff), 0)));
});

it('writes the numbers that gitformat-pack gives as examples', () => {
  expect([...formatOffset(0), ...formatOffset(127), ...formatOffset(128)]).toEqual([0x00, 0x7f, 0x80, 0x00]);
  expect([...formatSize(0), ...formatSize(127), ...formatSize(128)]).toEqual([0x00, 0x7f, 0x80, 0x01]);
});
