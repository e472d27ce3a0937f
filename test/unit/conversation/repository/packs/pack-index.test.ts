import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatPackIndex, parsePackIndex } from '../../../../../src/conversation/repository/packs/pack-index.ts';
import { ObjectId } from '../../../../../src/ids.ts';
import { thrownBy } from '../../../../support/thrown.ts';

const CHECKSUM = new Uint8Array(20).fill(1);
const ids = fc
  .uint8Array({ minLength: 20, maxLength: 20 })
  .map((bytes) => ObjectId.parse(Buffer.from(bytes).toString('hex')));
const entries = fc.uniqueArray(fc.record({ id: ids, offset: fc.nat(2 ** 40), crc: fc.nat(2 ** 32 - 1) }), {
  selector: ({ id }) => id,
});

it('finds every object where it was said to be, beyond 2 GiB as well, and no other', () => {
  fc.assert(
    fc.property(entries, ids, (list, other) => {
      const index = parsePackIndex(formatPackIndex(list, CHECKSUM));
      for (const { id, offset } of list) expect(index.offsetOf(id)).toBe(offset);
      expect(index.offsetOf(other)).toBe(list.find(({ id }) => id === other)?.offset);
      expect([index.count, [...index.ids()]]).toEqual([list.length, list.map(({ id }) => id).toSorted()]);
    }),
  );
});

it('notices any changed byte', async () => {
  const entry = { id: ObjectId.parse('12'.repeat(20)), offset: 12, crc: 7 };
  const bytes = formatPackIndex([entry], CHECKSUM);
  for (const at of [0, 5, 8, 1030, bytes.byteLength - 41, bytes.byteLength - 1]) {
    const changed = Uint8Array.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 1;
    await thrownBy('MALFORMED', () => parsePackIndex(changed));
  }
  await thrownBy('MALFORMED', () => parsePackIndex(bytes.subarray(0, 500)));
});
