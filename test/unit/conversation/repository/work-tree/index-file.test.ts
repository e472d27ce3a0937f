import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  formatIndex,
  type IndexEntry,
  parseIndex,
  STAT_BYTES,
} from '../../../../../src/conversation/repository/work-tree/index-file.ts';
import { ObjectId } from '../../../../../src/ids.ts';

const path = fc
  .array(fc.string({ minLength: 1, maxLength: 20, unit: fc.constantFrom('a', 'b', 'ü', '𐀀', '\uffff', '.', ' ') }), {
    minLength: 1,
    maxLength: 300,
  })
  .map((names) => names.join('/'));
const entry: fc.Arbitrary<IndexEntry> = fc.record({
  path,
  stat: fc.uint8Array({ minLength: STAT_BYTES, maxLength: STAT_BYTES }).map((bytes) => Buffer.from(bytes)),
  id: fc
    .string({ minLength: 40, maxLength: 40, unit: fc.constantFrom(...'0123456789abcdef') })
    .map((id) => ObjectId.parse(id)),
});
const entries = fc.uniqueArray(entry, { selector: (one) => one.path, maxLength: 10 });

it('reads what it wrote, in the order of the bytes of paths', () => {
  fc.assert(
    fc.property(entries, (written) => {
      const sorted = written.toSorted((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
      expect(parseIndex(formatIndex(written))).toEqual(sorted);
    }),
  );
});

it('reads nothing of an index that is damaged', () => {
  fc.assert(
    fc.property(entries, fc.nat(), fc.integer({ min: 1, max: 255 }), (written, where, flip) => {
      const bytes = formatIndex(written);
      const place = where % bytes.byteLength;
      bytes[place] = (bytes[place] ?? 0) ^ flip;
      expect(parseIndex(bytes)).toBeUndefined();
      expect(parseIndex(bytes.subarray(0, place))).toBeUndefined();
    }),
  );
});
