import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatSegment, parseSegment } from '../../src/segment.ts';

const values = fc.oneof(fc.string(), fc.double(), fc.array(fc.integer()), fc.uint8Array());
/** A segment of any value, and a place in it. */
const places = values.chain((value) => {
  const bytes = formatSegment(value);
  return fc.record({ value: fc.constant(value), bytes: fc.constant(bytes), at: fc.nat(bytes.byteLength - 1) });
});

describe('a segment', () => {
  it('is not taken for whole when it is cut short, or a byte of it is another', () => {
    fc.assert(
      fc.property(places, fc.integer({ min: 1, max: 255 }), ({ value, bytes, at }, change) => {
        expect(parseSegment(bytes, 0)).toStrictEqual({ value, end: bytes.byteLength });
        expect(parseSegment(bytes.subarray(0, at), 0)).toBeUndefined();
        const damaged = Buffer.from(bytes);
        damaged[at] = (damaged[at] ?? 0) ^ change;
        expect(parseSegment(damaged, 0)).toBeUndefined();
      }),
    );
  });

  it('is not what a power failure leaves of it: zeros', () => {
    expect(parseSegment(Buffer.alloc(100), 0)).toBeUndefined();
  });
});
