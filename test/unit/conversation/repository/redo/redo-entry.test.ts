import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  digestOfEntry,
  formatRedoEntry,
  joinSigned,
  NO_ENTRY,
  parseRedoEntries,
  type WrittenEntry,
} from '../../../../../src/conversation/repository/redo/redo-entry.ts';
import { CommitId } from '../../../../../src/ids.ts';

const commitId = fc
  .uint8Array({ minLength: 20, maxLength: 20 })
  // Zeros stand for the id of what is not signed yet.
  .filter((id) => id.some((byte) => byte !== 0))
  .map((id) => CommitId.parse(Buffer.from(id).toString('hex')));
const object = fc.record({
  type: fc.constantFrom('commit' as const, 'tree' as const, 'blob' as const),
  bytes: fc.uint8Array({ maxLength: 60 }),
});
const to = fc.option(commitId, { nil: undefined });
const entries: fc.Arbitrary<readonly WrittenEntry[]> = fc.array(
  fc.record({ from: commitId, to, objects: fc.array(object, { maxLength: 3 }) }),
  { maxLength: 4 },
);

function format(all: readonly WrittenEntry[]): { readonly bytes: Buffer; readonly ends: readonly number[] } {
  let [bytes, before] = [Buffer.of(), NO_ENTRY];
  const ends: number[] = [];
  for (const entry of all) {
    const one = formatRedoEntry(entry, before);
    before = digestOfEntry(one);
    bytes = Buffer.concat([bytes, one]);
    ends.push(bytes.byteLength);
  }
  return { bytes, ends };
}

const plain = (all: readonly WrittenEntry[]) =>
  all.map(({ objects, ...ids }) => ({
    ...ids,
    objects: objects.map(({ type, bytes }) => ({ type, bytes: Buffer.from(bytes).toString('hex') })),
  }));

it('are read as they were written, whatever stands behind them', () => {
  fc.assert(
    fc.property(entries, fc.uint8Array({ maxLength: 80 }), (all, rest) => {
      const read = parseRedoEntries(Buffer.concat([format(all).bytes, rest]));
      expect(plain(read)).toEqual(plain(all));
    }),
  );
});

it('end where the first one is cut short, or is not what was written', () => {
  fc.assert(
    fc.property(entries, fc.nat(), fc.boolean(), (all, place, isCut) => {
      const { bytes, ends } = format(all);
      fc.pre(bytes.byteLength > 0);
      const at = place % bytes.byteLength;
      const broken = Buffer.from(isCut ? bytes.subarray(0, at) : bytes);
      if (!isCut) broken[at] = (broken[at] ?? 0) ^ 1;
      expect(plain(parseRedoEntries(broken))).toEqual(plain(all.slice(0, ends.filter((end) => end <= at).length)));
    }),
  );
});

it('do not go on with those of an earlier use of the file, even where one has the same length', () => {
  fc.assert(
    fc.property(commitId, commitId, commitId, (one, two, three) => {
      fc.pre(new Set([one, two, three]).size === 3);
      const old = format([
        { from: one, to: two, objects: [] },
        { from: two, to: three, objects: [] },
      ]).bytes;
      const fresh = { from: two, to: one, objects: [] };
      formatRedoEntry(fresh, NO_ENTRY).copy(old);
      expect(parseRedoEntries(old)).toEqual([fresh]);
    }),
  );
});

it('make one of what was written down without a signature and the signed commit behind it', () => {
  const [from, first, second] = ['1', '2', '3'].map((digit) => CommitId.parse(digit.repeat(40))) as [
    CommitId,
    CommitId,
    CommitId,
  ];
  const tree = { type: 'tree', bytes: Buffer.of() } as const;
  const commit = (text: string) => ({ type: 'commit', bytes: Buffer.from(text) }) as const;
  const unsigned = { from, to: undefined, objects: [tree, commit('one')] };
  const last = { from: second, to: undefined, objects: [commit('three')] };
  const whole = { from: first, to: second, objects: [commit('two, signed')] };

  const joined = joinSigned([unsigned, { from, to: first, objects: [commit('one, signed')] }, whole, last]);

  expect(joined).toEqual({
    entries: [{ from, to: first, objects: [tree, commit('one, signed')] }, whole],
    unsigned: last,
  });
});
