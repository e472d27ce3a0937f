import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JournalRecord } from '../../../../src/events/journal-record.ts';
import { holdingKey, packHoldings, unpackHoldings } from '../../../../src/events/peer/holdings.ts';
import { ConversationId } from '../../../../src/ids.ts';
import {
  emptyHoldingSet,
  keysBetween,
  withoutWord,
  withWords,
  wordOn,
} from '../../../../src/projections/journal/holding-set.ts';
import { heldBy } from '../../../../src/projections/journal/holdings.ts';
import { newsOf } from '../../../../src/projections/journal/holdings-news.ts';
import { evolveJournal, initialJournalState } from '../../../../src/projections/journal/journal-state.ts';
import { pagesOf, summaryOf } from '../../../../src/projections/journal/own-holdings.ts';
import { commitId, device } from '../../../support/events/interactions.ts';

const key = fc.nat({ max: 2_000 });
const keys = fc.array(key, { maxLength: 700 });
const conversation = ConversationId.parse('c'.repeat(40));

describe('what a device said it holds', () => {
  it('is its last word on each file, whatever was said of others', () => {
    const word = fc.oneof(
      fc.record({ has: keys, lacks: keys }).map((words) => ({ words })),
      key.map((forgotten) => ({ forgotten })),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), fc.array(key), (said, asked) => {
        let set = emptyHoldingSet;
        const expected = new Map<number, boolean>();
        for (const one of said) {
          if ('forgotten' in one) {
            set = withoutWord(set, one.forgotten);
            expected.delete(one.forgotten);
          } else {
            set = withWords(set, one.words);
            for (const lacking of one.words.lacks) expected.set(lacking, false);
            for (const held of one.words.has) expected.set(held, true);
          }
        }
        for (const one of asked) expect(wordOn(set, one)).toBe(expected.get(one));
        const held = [...expected].filter(([one, has]) => has && one > 100 && one <= 900).map(([one]) => one);
        expect([...keysBetween(set, 100, 900)].sort((a, b) => a - b)).toEqual(held.sort((a, b) => a - b));
      }),
    );
  });

  it('survives being packed, in any order and with repeats', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 2 ** 48 - 1 })), (any) => {
        expect(unpackHoldings(packHoldings(any))).toEqual([...new Set(any)].sort((a, b) => a - b));
      }),
    );
  });

  it.each(['?', 'AAAA', 'AAAAAAAB AAAAAAAA', packHoldings([2]) + packHoldings([1])])(
    'is not read from %s',
    (packed) => {
      expect(unpackHoldings(packed)).toBeUndefined();
    },
  );

  it('is remembered as it is, whatever was remembered before and however it is cut into pages', () => {
    fc.assert(
      fc.property(fc.record({ has: keys, lacks: keys, held: keys, size: fc.integer({ min: 1, max: 50 }) }), (given) => {
        const { has, lacks, held, size } = given;
        const said = { conversation, from: device(1), at: 1 };
        const before: JournalRecord = {
          kind: 'holdings-told',
          ...said,
          isAll: false,
          has: packHoldings(has),
          lacks: packHoldings(lacks),
        };
        let state = evolveJournal(initialJournalState, before);
        const sorted = [...new Set(held)].sort((a, b) => a - b);
        const hear = () =>
          pagesOf(sorted, size).flatMap((page) => {
            const news = newsOf(state.holdings, device(1), { say: 'page', conversation, ...page });
            if (!news) return [];
            const words = { has: packHoldings(news.has), lacks: packHoldings(news.lacks) };
            state = evolveJournal(state, { kind: 'holdings-told', ...said, isAll: news.isAll, ...words });
            return [news];
          });
        hear();
        const set = state.holdings.get(conversation)?.get(device(1)) ?? emptyHoldingSet;
        expect(summaryOf(keysBetween(set, -1, 2 ** 48))).toEqual(summaryOf(sorted));
        // Said again, it is no news: nothing is written down.
        expect(hear()).toEqual([]);
      }),
    );
  });

  it('is unknown before it has told all, and then what it did not name is lacking', () => {
    const told = { kind: 'holdings-told', conversation, from: device(1), lacks: '', at: 1 } as const;
    const has = packHoldings([holdingKey(commitId(1))]);
    const some = evolveJournal(initialJournalState, { ...told, isAll: false, has });
    const all = evolveJournal(initialJournalState, { ...told, isAll: true, has: '' });
    const at = (id: number) => ({ conversation, interaction: commitId(id), device: device(1) });
    expect(heldBy(some.holdings, at(1))).toBe('has');
    expect(heldBy(all.holdings, at(1))).toBe('lacks');
    expect(heldBy(some.holdings, { ...at(1), device: device(2) })).toBe('unknown');
  });
});
