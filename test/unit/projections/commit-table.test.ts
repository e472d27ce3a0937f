import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CommitTable } from '../../../src/projections/commit-table.ts';
import { commitId } from '../../support/events/interactions.ts';

/** What a map of the same entries holds, whichever of the tables before is gone on from. */
it('holds what a map holds, and stays as it is when another one is made of it', () => {
  const steps = fc.array(fc.record({ from: fc.nat(20), id: fc.nat(5), word: fc.string({ maxLength: 3 }) }));
  fc.assert(
    fc.property(steps, (all) => {
      const tables = [CommitTable.empty<string>()];
      const maps = [new Map<string, string>()];
      for (const { from, id, word } of all) {
        const base = from % tables.length;
        tables.push((tables[base] ?? CommitTable.empty<string>()).with(commitId(id), word));
        maps.push(new Map([...(maps[base] ?? []), [commitId(id), word]]));
      }
      for (const [place, table] of tables.entries()) {
        const ids = [...(maps[place]?.keys() ?? [])];
        const words = [...(maps[place]?.values() ?? [])];
        expect([...table]).toEqual(words);
        expect([...table.newestFirst()]).toEqual([...table].reverse());
        expect(table.size).toBe(words.length);
        for (let at = 0; at <= words.length; at += 1) expect(table.at(at)).toBe(words[at]);
        for (let id = 0; id <= 5; id += 1) {
          expect(table.get(commitId(id))).toBe(maps[place]?.get(commitId(id)));
          expect(table.placeOf(commitId(id)) ?? -1).toBe(ids.indexOf(commitId(id)));
        }
      }
    }),
  );
});
