import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodePreamble, hexOf, type Preamble, readPreamble } from '../../../../src/net/gate/gate-message.ts';
import { networkOf } from '../../../../src/net/ip-address.ts';

const anyPreamble: fc.Arbitrary<Preamble> = fc.oneof(
  fc.constant({ kind: 'control' } as const),
  fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => ({ kind: 'tunnel', ticket: hexOf(bytes) }) as const),
);

describe('what a connection to a gate begins with', () => {
  it('is read as it was written, whatever follows, and not before it is whole', () => {
    fc.assert(
      fc.property(anyPreamble, fc.uint8Array(), (preamble, rest) => {
        const bytes = encodePreamble(preamble);
        expect(readPreamble(Buffer.concat([bytes, rest]))).toEqual({ preamble, length: bytes.byteLength });
        expect(readPreamble(bytes.subarray(0, -1))).toBeUndefined();
      }),
    );
  });

  it('is nothing else', () => {
    expect(() => readPreamble(Buffer.from('GET / HTTP/1.1'))).toThrow('no such kind');
  });
});

it('all addresses of one IPv6 network count as one, and each IPv4 address counts for itself', () => {
  expect(networkOf('2a00:1:2:3:4:5:6:7')).toBe(networkOf('2a00:1:2:3::1'));
  expect(networkOf('2a00:1:2:4::1')).not.toBe(networkOf('2a00:1:2:3::1'));
  expect([networkOf('::ffff:192.0.2.7'), networkOf('192.0.2.8')]).toEqual(['192.0.2.7', '192.0.2.8']);
});
