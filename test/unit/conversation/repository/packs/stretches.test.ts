import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { indexPack } from '../../../../../src/conversation/repository/packs/index-pack.ts';
import { formatPackIndex, type IndexEntry } from '../../../../../src/conversation/repository/packs/pack-index.ts';
import { createPackObjects } from '../../../../../src/conversation/repository/packs/pack-objects.ts';
import { packObjects } from '../../../../../src/conversation/repository/packs/pack-writer.ts';
import { memoryObjects } from '../../../../support/git/git-objects.ts';
import { deltaOf, inPieces, offsetDeltaEntry, packOf, wholeEntry } from '../../../../support/git/packs.ts';

/** Does not deflate: larger than a stretch may be. */
const LARGE = createHash('shake256', { outputLength: 70_000 }).update('large').digest();

interface Made {
  readonly kind: 'whole' | 'large' | 'delta';
  readonly isDamaged: boolean;
  readonly isWanted: boolean;
}

const made: fc.Arbitrary<Made> = fc.record({
  kind: fc.constantFrom('whole', 'whole', 'whole', 'whole', 'delta', 'delta', 'large'),
  isDamaged: fc.boolean(),
  isWanted: fc.boolean(),
});

/** A pack of objects that differ, deltas standing on the entry before them. What is damaged is so in the file, not in the index. */
async function packMadeOf(list: readonly Made[]) {
  const entries: Buffer[] = [];
  for (const [place, { kind }] of list.entries()) {
    const content = Buffer.from(`the content of object number ${place}`);
    const before = entries.at(-1);
    if (kind === 'delta' && before && list[place - 1]?.kind === 'whole')
      entries.push(
        offsetDeltaEntry(before.byteLength, deltaOf(`the content of object number ${place - 1}`.length, 5, content)),
      );
    else entries.push(wholeEntry('blob', kind === 'large' ? Buffer.concat([content, LARGE]) : content));
  }
  const intact = packOf(entries);
  const index = await indexOf(intact);
  const placed = index.entries.toSorted((a, b) => a.offset - b.offset);
  const file = Buffer.from(intact);
  for (const [place, { isDamaged }] of list.entries()) {
    const at = (placed[place]?.offset ?? 0) + 3;
    if (isDamaged) file[at] = (file[at] ?? 0) ^ 1;
  }
  const access = {
    size: file.byteLength,
    at: async (offset: number, length: number) => file.subarray(offset, offset + length),
  };
  const packed = createPackObjects({ access, index: formatPackIndex(index.entries, index.checksum), path: 'a pack' });
  return { packed, placed, intact, end: file.byteLength - 20 };
}

function indexOf(pack: Uint8Array) {
  return indexPack(inPieces(pack, 5000), {
    limits: { packBytes: 1e7, inflatedBytes: 1e7, workBytes: 1e7, objects: 100 },
    access: async () => ({
      size: pack.byteLength,
      at: async (offset, length) => pack.subarray(offset, offset + length),
    }),
    breathe: async () => undefined,
    signal: new AbortController().signal,
  });
}

it('has what is wanted, whole, small and undamaged, as it lies there, and nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(made, { minLength: 1, maxLength: 12 }), async (list) => {
      const { packed, placed, intact, end } = await packMadeOf(list);
      const wanted = placed.filter((_, place) => list[place]?.isWanted).map(({ id }) => id);
      const found: { id: string; bytes: Buffer; crc: number }[] = [];
      for (const { entries, bytes } of await packed.stretches(wanted.toReversed())) {
        let start = 0;
        for (const { id, crc, end: to } of entries) {
          found.push({ id, crc, bytes: Buffer.from(bytes.subarray(start, to)) });
          start = to;
        }
        expect(start).toBe(bytes.byteLength);
      }
      const isWhole = ({ offset }: IndexEntry) => ((intact[offset] ?? 0) >> 4) % 8 !== 6;
      const expected = placed
        .map((entry, place) => ({ ...entry, end: placed[place + 1]?.offset ?? end, ...list[place] }))
        .filter((entry) => entry.isWanted && !entry.isDamaged && isWhole(entry) && entry.end - entry.offset < 65_536)
        .map(({ id, crc, offset, end: to }) => ({ id, crc, bytes: intact.subarray(offset, to) }));
      expect(found).toEqual(expected);
    }),
    { numRuns: 30 },
  );
});

it('makes packs that hold what they should, wherever it lies, and tells where each object stands in them', async () => {
  const memory = memoryObjects();
  const loose = await memory.write('blob', Buffer.from('an object that lies in no pack'));
  await fc.assert(
    fc.asyncProperty(fc.array(made, { minLength: 1, maxLength: 12 }), async (list) => {
      const { packed, placed } = await packMadeOf(list.map((one) => ({ ...one, isDamaged: false })));
      const wanted = [loose, ...placed.filter((_, place) => list[place]?.isWanted).map(({ id }) => id)].toReversed();
      const told: IndexEntry[] = [];
      const chunks: Uint8Array[] = [];
      const read = async (id: (typeof wanted)[number]) => (await packed.find(id)) ?? memory.read(id);
      const objects = { ...memory, read, stored: packed.stored, stretches: packed.stretches };
      for await (const chunk of packObjects(objects, wanted, {
        offsetDeltas: true,
        onEntry: (entry) => told.push(entry),
      }))
        chunks.push(chunk);
      const { entries } = await indexOf(Buffer.concat(chunks));
      expect(told.toSorted((a, b) => a.offset - b.offset)).toEqual(
        entries.map(({ id, offset, crc }) => ({ id, offset, crc })).toSorted((a, b) => a.offset - b.offset),
      );
      expect(entries.map(({ id }) => id).toSorted()).toEqual(wanted.toSorted());
    }),
    { numRuns: 30 },
  );
});
