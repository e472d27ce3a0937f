import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JournalRecord } from '../../../../src/events/journal-record.ts';
import { claimOf } from '../../../../src/projections/held-bytes.ts';
import { evolveJournal, initialJournalState, type JournalState } from '../../../../src/projections/journal-state.ts';
import { rule } from '../../../../src/projections/policy/rule.ts';
import { device } from '../../../support/interactions.ts';
import { conversationId, fileOf, nameOf } from '../../../support/policies.ts';

const FILES = 6;
/** Six files in two conversations; the size is the file's number in hundreds. */
const files = Array.from({ length: FILES }, (_, n) => ({
  file: fileOf({ id: 100 + n, totalSize: 100 * (n + 1) }),
  conversation: conversationId(n % 2),
}));

const STEPS = ['ask', 'start', 'progress', 'complete', 'interrupt', 'corrupt', 'decline', 'lose', 'evict'] as const;
const moves = fc.array(fc.record({ n: fc.nat(FILES - 1), step: fc.constantFrom(...STEPS), part: fc.nat(99) }), {
  maxLength: 60,
});
type Move = { readonly n: number; readonly step: (typeof STEPS)[number]; readonly part: number };

const policy = { auto: 'all', quota: { total: 900, perConversation: 600 } } as const;

/** What happens next to a file. An ask happens only when the policy has it fetched. */
function recordOf({ n, step, part }: Move, journal: JournalState, at: number): JournalRecord | undefined {
  const chosen = files[n];
  if (!chosen) return undefined;
  const { file, conversation } = chosen;
  const name = nameOf(file, conversation);
  const record = journal.files.get(file.interaction);
  const from = device(1);
  const isUnderWay = claimOf(record).held === file.totalSize && record?.presence.kind !== 'verified';
  const stamp = { mtimeMs: 1, inode: 1 };
  const bytes = Math.floor((file.totalSize * part) / 100);
  const moving = { ...name, peer: from, bytes, at };
  if (step === 'ask') {
    const isWanted = rule(policy, { conversation, file, record, room: { held: journal.held, free: undefined } }).fetch;
    if (!isWanted || record?.presence.kind === 'verified') return undefined;
    return { kind: 'file-requested', ...name, from, totalSize: file.totalSize, at };
  }
  if (step === 'evict') return { kind: 'file-removed', ...name, why: 'evicted', at };
  if (step === 'lose') return { kind: 'file-found-lacking', ...name, state: 'missing', size: 0, ...stamp, at };
  if (!isUnderWay) return undefined;
  switch (step) {
    case 'start':
      return { kind: 'sub-transfer-started', ...name, peer: from, direction: 'receiving', start: 0, at };
    case 'progress':
      return { kind: 'sub-transfer-progressed', ...moving };
    case 'complete':
      return { kind: 'file-verified', ...name, size: file.totalSize, ...stamp, at };
    case 'interrupt':
      return { kind: 'sub-transfer-ended', ...moving, direction: 'receiving', outcome: 'interrupted' };
    case 'corrupt':
      return { kind: 'sub-transfer-ended', ...moving, direction: 'receiving', outcome: 'wrong-digest' };
    case 'decline':
      return { kind: 'request-declined', ...name, from, reason: 'has-not', at };
    default:
      return undefined;
  }
}

describe('the quota', () => {
  it('is never exceeded by what is fetched unasked, whatever happens in whatever order', () => {
    fc.assert(
      fc.property(moves, (all) => {
        let journal = initialJournalState;
        for (const [at, move] of all.entries()) {
          const record = recordOf(move, journal, at);
          if (record) journal = evolveJournal(journal, record);
          expect(journal.held.total).toBeLessThanOrEqual(policy.quota.total);
          for (const bytes of journal.held.byConversation.values())
            expect(bytes).toBeLessThanOrEqual(policy.quota.perConversation);
        }
      }),
    );
  });

  it('counts nothing of a file that was removed, wherever it came from', () => {
    fc.assert(
      fc.property(moves, (all) => {
        let journal = initialJournalState;
        for (const [at, move] of all.entries()) {
          const record = recordOf(move, journal, at);
          if (record) journal = evolveJournal(journal, record);
        }
        for (const { file, conversation } of files) {
          const name = { ...nameOf(file, conversation), at: all.length };
          const over = { ...name, peer: device(1), direction: 'receiving', outcome: 'interrupted', bytes: 9 } as const;
          const facts: readonly JournalRecord[] = [
            { kind: 'sub-transfer-ended', ...over },
            { kind: 'request-declined', ...name, from: device(1), reason: 'has-not' },
            { kind: 'file-removed', ...name, why: 'evicted' },
            { kind: 'file-accepted', ...name },
          ];
          journal = facts.reduce(evolveJournal, journal);
        }
        expect(journal.held.total).toBe(0);
      }),
    );
  });

  it('counts what a count from the beginning would count', () => {
    fc.assert(
      fc.property(moves, (all) => {
        let journal = initialJournalState;
        for (const [at, move] of all.entries()) {
          const record = recordOf(move, journal, at);
          if (record) journal = evolveJournal(journal, record);
        }
        const claims = [...journal.files.values()].map(claimOf);
        expect(journal.held.total).toBe(claims.reduce((sum, { held }) => sum + held, 0));
        expect(journal.held.coming).toBe(claims.reduce((sum, { coming }) => sum + coming, 0));
        expect(Math.min(0, journal.held.coming, ...claims.map(({ coming }) => coming))).toBe(0);
      }),
    );
  });
});
