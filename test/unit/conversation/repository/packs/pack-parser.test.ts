import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatEntryHeader, parseEntryHeader } from '../../../../../src/conversation/repository/packs/pack-entry.ts';
import { createPackParser, type PackEntry } from '../../../../../src/conversation/repository/packs/pack-parser.ts';
import { offsetDeltaEntry, packOf, wholeEntry } from '../../../../support/git/packs.ts';
import { thrownBy } from '../../../../support/thrown.ts';

const LIMITS = { packBytes: 1e6, inflatedBytes: 1e6, objects: 100 };

function parse(pack: Uint8Array, cuts: readonly number[] = [], limits = LIMITS): PackEntry[] {
  const parser = createPackParser(limits);
  const places = [0, ...cuts.map((cut) => cut % (pack.byteLength + 1)).toSorted((a, b) => a - b), pack.byteLength];
  const chunks = places.slice(1).map((end, index) => pack.subarray(places[index], end));
  return [...chunks.flatMap((chunk) => [...parser.push(chunk)]), ...parser.end()];
}

it('finds the same entries however the pack is cut', () => {
  const blobs = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 });
  fc.assert(
    fc.property(blobs, fc.array(fc.nat(), { maxLength: 20 }), (list, cuts) => {
      const pack = packOf([
        ...list.map((bytes) => wholeEntry('blob', bytes)),
        offsetDeltaEntry(9, Buffer.from('delta')),
      ]);
      const entries = parse(pack, cuts);
      expect(entries).toEqual(parse(pack));
      expect(entries.slice(0, -1).map(({ bytes }) => Buffer.from(bytes))).toEqual(
        list.map((bytes) => Buffer.from(bytes)),
      );
    }),
  );
});

it('reads an entry header as it was written', () => {
  fc.assert(
    fc.property(fc.constantFrom('commit', 'tree', 'blob', 'tag'), fc.nat(2 ** 40), (type, size) => {
      const bytes = formatEntryHeader(type, size);
      expect(parseEntryHeader(bytes, 0)).toEqual({ kind: 'whole', type, size, next: bytes.byteLength });
      expect(parseEntryHeader(bytes.subarray(0, -1), 0)).toBeUndefined();
    }),
  );
});

it('does not inflate a large entry over and over while it arrives', () => {
  // Random bytes do not deflate, so the entry is as long as its content.
  const content = Uint8Array.from({ length: 200_000 }, (_, place) => (place * 7919 * (place % 251)) & 0xff);
  const pack = packOf([wholeEntry('blob', content)]);
  const start = process.cpuUsage().user;
  expect(
    parse(
      pack,
      Array.from({ length: 20_000 }, (_, place) => place * 10),
    ),
  ).toHaveLength(1);
  // Inflating at each of 20,000 pieces would take minutes; doubling takes milliseconds.
  expect(process.cpuUsage().user - start).toBeLessThan(5_000_000);
});

describe('is refused', () => {
  const blob = wholeEntry('blob', Buffer.from('hello'));
  const good = packOf([blob]);
  it.each([
    ['with another signature', Buffer.concat([Buffer.from('KCAP'), good.subarray(4)])],
    ['of another version', packOf([blob], { version: 4 })],
    ['with a wrong checksum', Buffer.concat([good.subarray(0, -1), Uint8Array.of((good.at(-1) ?? 0) ^ 1)])],
    ['with bytes behind its checksum', Buffer.concat([good, Uint8Array.of(0)])],
    ['with fewer objects than it states', packOf([blob], { count: 2 })],
    ['with more objects than it states', packOf([blob, blob], { count: 1 })],
    ['with an object smaller than stated', packOf([wholeEntry('blob', Buffer.from('hello'), 6)])],
    ['with an object larger than stated', packOf([wholeEntry('blob', Buffer.alloc(100_000), 5)])],
    ['with an entry of no known type', packOf([Uint8Array.of(0x50)])],
    ['with a delta on itself', packOf([offsetDeltaEntry(0, Buffer.from('x'))])],
    ['with data that does not inflate', packOf([Uint8Array.of(0x35, 1, 2, 3, 4, 5, 6, 7)])],
  ])('%s', async (_reason, pack) => {
    await thrownBy('MALFORMED', () => parse(pack));
  });

  it('cut off anywhere', async () => {
    for (let length = 0; length < good.byteLength; length++) {
      expect((await thrownBy('MALFORMED', () => parse(good.subarray(0, length)))).data.detail).toContain('truncated');
    }
  });

  it.each([
    ['in bytes', { ...LIMITS, packBytes: good.byteLength - 1 }],
    ['in inflated bytes', { ...LIMITS, inflatedBytes: 4 }],
    ['in number', { ...LIMITS, objects: 0 }],
  ])('too large %s', async (_reason, limits) => {
    await thrownBy('LIMIT_EXCEEDED', () => parse(good, [], limits));
  });
});

it('breaks off with a bomb long before the bomb is as large as an honest pack may be', async () => {
  const entry = wholeEntry('blob', Buffer.alloc(2 ** 20));
  const bomb = packOf(Array.from({ length: 60 }, () => entry));
  const parser = createPackParser({ packBytes: 1e6, inflatedBytes: 1e9, ratio: 100, objects: 100 });
  let inflated = 0;
  await thrownBy('LIMIT_EXCEEDED', () => {
    for (const { bytes } of parser.push(bomb)) inflated += bytes.byteLength;
  });
  expect(inflated).toBeGreaterThan(32 * 2 ** 20);
  expect(inflated).toBeLessThan(40 * 2 ** 20);
});
