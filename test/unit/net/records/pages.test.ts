import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RECORD_BYTES, RECORD_PAGES } from '../../../../src/limits.ts';
import { createPageReader, isSamePage, PAGE_BYTES, pagesOf } from '../../../../src/net/records/pages.ts';
import { seal } from '../../../../src/net/records/seal.ts';
import { realRandom } from '../../../support/time/real-clock.ts';

const LONGEST = PAGE_BYTES * RECORD_PAGES - 1;
/** Lengths around the ends of pages are drawn often. */
const anyLength = fc.oneof(
  fc.integer({ min: 0, max: LONGEST }),
  fc
    .tuple(fc.integer({ min: 0, max: RECORD_PAGES }), fc.integer({ min: -1, max: 1 }))
    .map(([pages, more]) => Math.min(LONGEST, Math.max(0, pages * PAGE_BYTES + more))),
);
const ALL = Buffer.alloc(LONGEST + 1, 'no two pages of this are alike, as no page is a multiple of it long');
const bytesOf = (length: number) => ALL.subarray(0, length);

describe('pages', () => {
  it('fit a record once they are sealed', () => {
    fc.assert(
      fc.property(anyLength, fc.boolean(), (length, isEnded) => {
        for (const page of pagesOf(bytesOf(length), isEnded))
          expect(seal(new Uint8Array(32), page, realRandom).byteLength).toBeLessThanOrEqual(RECORD_BYTES);
      }),
      { numRuns: 30 },
    );
  });

  it('are put together again, whatever is found first, twice, or in an older version', () => {
    fc.assert(
      fc.property(fc.array(anyLength, { minLength: 1, maxLength: 5 }), fc.infiniteStream(fc.nat()), (drawn, dice) => {
        const lengths = drawn.toSorted((a, b) => a - b);
        const said = bytesOf(lengths.at(-1) ?? 0);
        const versions = lengths.map((length, index) =>
          pagesOf(said.subarray(0, length), index === lengths.length - 1),
        );
        const roll = (sides: number) => (dice.next().value ?? 0) % sides;
        const reader = createPageReader();
        const read: Uint8Array[] = [];
        const look = (index: number, version: number) => {
          const page = versions[version]?.[index];
          if (page !== undefined) read.push(reader.push(index, page));
        };
        for (let tries = 0; tries < 40; tries += 1) {
          const wanted = reader.wanted();
          look(wanted[roll(wanted.length)] ?? 0, roll(versions.length));
        }
        // From now on the newest versions are found.
        for (let tries = 0; tries <= RECORD_PAGES && !reader.isEnded; tries += 1)
          for (const index of reader.wanted()) look(index, versions.length - 1);
        expect(Buffer.concat(read).equals(said)).toBe(true);
        expect(reader.isEnded).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('end on one that is still looked for, also when a page has just become full', () => {
    const said = bytesOf(PAGE_BYTES);
    const reader = createPageReader();
    for (const page of pagesOf(said, false).slice(0, 1)) reader.push(0, page);
    expect(reader.wanted()).toEqual([1]);
    for (const page of pagesOf(said, true).slice(1)) reader.push(1, page);
    expect(reader.isEnded).toBe(true);
  });

  it('are not more than a session may fill', () => {
    expect(pagesOf(bytesOf(LONGEST), true)).toHaveLength(RECORD_PAGES);
    expect(() => pagesOf(bytesOf(LONGEST + 1), false)).toThrow(expect.objectContaining({ code: 'LIMIT_EXCEEDED' }));
  });

  it('that claim that there are ever more are looked for within the limit', () => {
    const reader = createPageReader();
    reader.push(0, Buffer.concat([Uint8Array.of(0, 255), bytesOf(PAGE_BYTES)]));
    expect(reader.wanted()).toEqual(Array.from({ length: RECORD_PAGES - 1 }, (_, index) => index + 1));
  });

  it('change when more is said, and when it is the end', () => {
    const [page] = pagesOf(bytesOf(5), false) as [Uint8Array];
    expect(isSamePage(undefined, page)).toBe(false);
    expect(isSamePage(page, page)).toBe(true);
    expect(isSamePage(page, pagesOf(bytesOf(6), false)[0] as Uint8Array)).toBe(false);
    expect(isSamePage(page, pagesOf(bytesOf(5), true)[0] as Uint8Array)).toBe(false);
  });
});
