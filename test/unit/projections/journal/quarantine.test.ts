import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordOf } from '../../../../src/events/journal-record.ts';
import { ConversationId } from '../../../../src/ids.ts';
import { REFUSALS_FORGOTTEN_MS, REFUSED_WAIT_MAX_MS, REFUSED_WAIT_MS } from '../../../../src/limits.ts';
import {
  emptyQuarantine,
  leftAloneUntil,
  quarantined,
  refusalOf,
  refusedHeads,
  released,
} from '../../../../src/projections/journal/quarantine.ts';
import { commitId, device } from '../../../support/events/interactions.ts';
import { GOLDEN_RECORDS } from '../../../support/events/journal-records.ts';

type Refused = RecordOf<'batch-refused'>;

const golden = GOLDEN_RECORDS['batch-refused'];
const { conversation } = golden;
const [mallory, bob] = [device(1), device(2)];
const refused = (more: Partial<Refused> = {}): Refused => ({ ...golden, from: mallory, at: 0, ...more });
const fold = (...records: readonly Refused[]) => records.reduce(quarantined, emptyQuarantine);

describe('a refused head', () => {
  it('is known with the rule, the commit, the sentence and the file', () => {
    const record = refused({ head: commitId(1), rule: 'R49', message: 'it adds readme.txt', file: 'readme.txt' });
    expect(refusedHeads(fold(record))).toEqual([
      {
        ...{ conversation, head: commitId(1), from: mallory, why: 'broken', commit: golden.commit, rule: 'R49' },
        ...{ message: 'it adds readme.txt', path: 'readme.txt', at: 0, leftAloneUntil: REFUSED_WAIT_MS },
      },
    ]);
  });

  it('is refused to everybody when its commits are at fault, and only to its sender when what was sent is', () => {
    for (const [rule, isKnownOfOthers] of [
      ['V6', true],
      ['OBJECT', false],
      ['R1', false],
    ] as const) {
      const quarantine = fold(refused({ head: commitId(1), rule }));
      expect(refusalOf(quarantine, commitId(1), mallory)).toBeDefined();
      expect(refusalOf(quarantine, commitId(1), bob) !== undefined).toBe(isKnownOfOthers);
      expect(refusalOf(quarantine, commitId(2), mallory)).toBeUndefined();
    }
  });

  it('is known once for each device that offered it, as it was found last', () => {
    const [first, again] = [refused({ rule: 'OBJECT' }), refused({ rule: 'V6', at: 1 })];
    const found = refusedHeads(fold(first, refused({ from: bob, rule: 'OBJECT', at: 2 }), again));
    expect(found.map(({ from, rule }) => ({ from, rule }))).toEqual([
      { from: mallory, rule: 'V6' },
      { from: bob, rule: 'OBJECT' },
    ]);
  });

  it('is so no more once it was admitted after all', () => {
    const quarantine = fold(refused({ head: commitId(1), rule: 'OBJECT' }), refused({ head: commitId(2) }));
    expect(refusedHeads(released(quarantine, commitId(1))).map(({ head }) => head)).toEqual([commitId(2)]);
  });
});

describe('a device that offers refused heads', () => {
  const until = (...records: readonly Refused[]) => leftAloneUntil(fold(...records), conversation, mallory);

  it('is left alone twice as long each time, up to a longest time', () => {
    const records = Array.from({ length: 20 }, (_, n) => refused({ head: commitId(n), at: n }));
    expect(until(...records.slice(0, 1))).toBe(REFUSED_WAIT_MS);
    expect(until(...records.slice(0, 3))).toBe(2 + 4 * REFUSED_WAIT_MS);
    expect(until(...records)).toBe(19 + REFUSED_WAIT_MAX_MS);
  });

  it('begins anew when it behaved for long', () => {
    const [first, second] = [refused(), refused({ head: commitId(1), at: 1 })];
    const third = (at: number) => refused({ head: commitId(2), at });
    const [soon, late] = [REFUSALS_FORGOTTEN_MS, REFUSALS_FORGOTTEN_MS + 1];
    expect(until(first, second, third(soon))).toBe(soon + 4 * REFUSED_WAIT_MS);
    expect(until(first, second, third(late))).toBe(late + REFUSED_WAIT_MS);
  });

  it('is left alone in that conversation only, others are not, nor whoever offered what only cannot be merged here', () => {
    const quarantine = fold(refused(), refused({ from: bob, head: commitId(3), why: 'unmergeable' }));
    expect(leftAloneUntil(quarantine, conversation, bob)).toBe(0);
    expect(leftAloneUntil(quarantine, conversation, mallory)).toBe(REFUSED_WAIT_MS);
    expect(leftAloneUntil(quarantine, ConversationId.parse('0'.repeat(40)), mallory)).toBe(0);
    expect(refusalOf(quarantine, commitId(3), mallory)).toMatchObject({ why: 'unmergeable' });
  });

  it('comes through a few dozen times a day at the most, however it times its offers', () => {
    const pauses = fc.array(fc.nat(REFUSALS_FORGOTTEN_MS / 10), { minLength: 1000, maxLength: 1000 });
    fc.assert(
      fc.property(pauses, (waits) => {
        let [quarantine, now, fetched] = [emptyQuarantine, 0, 0];
        for (const [n, wait] of waits.entries()) {
          now = Math.max(now, leftAloneUntil(quarantine, conversation, mallory)) + (n % 3 === 0 ? wait : 0);
          if (now >= REFUSALS_FORGOTTEN_MS) break;
          quarantine = quarantined(quarantine, refused({ head: commitId(n), at: now }));
          fetched += 1;
        }
        expect(fetched).toBeLessThan(40);
      }),
      { numRuns: 20 },
    );
  });
});
