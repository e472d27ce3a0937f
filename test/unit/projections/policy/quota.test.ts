import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JournalRecord } from '../../../../src/events/journal-record.ts';
import { bytesOf } from '../../../../src/projections/journal/held-bytes.ts';
import {
  evolveJournal,
  initialJournalState,
  type JournalState,
} from '../../../../src/projections/journal/journal-state.ts';
import { noClaims, withClaim, withoutClaim } from '../../../../src/projections/plan/claims.ts';
import { taken, takenIn } from '../../../../src/projections/policy/room.ts';
import { rule } from '../../../../src/projections/policy/rule.ts';
import type { Room } from '../../../../src/projections/policy/subject.ts';
import { device } from '../../../support/events/interactions.ts';
import { only } from '../../../support/only.ts';
import { conversationId, fileOf, nameOf } from '../../../support/projections/policies.ts';

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

/** What the journal knows, and which files are under way. */
interface World {
  journal: JournalState;
  readonly underWay: Set<number>;
}

function roomOf({ journal, underWay }: World): Room {
  const asked = files.flatMap((one, n) =>
    underWay.has(n) ? [{ ...one, record: journal.files.get(one.file.interaction) }] : [],
  );
  return { held: journal.held, claims: asked.reduce(withClaim, noClaims), free: undefined };
}

type Step = Move['step'];

/** Over is what is under way with these. */
const ENDS: readonly Step[] = ['complete', 'interrupt', 'corrupt', 'decline'];

/** What happens next to a file. An ask happens only when the policy has it fetched. */
function move(world: World, { n, step, part }: Move, at: number): void {
  const chosen = files[n];
  if (!chosen) return;
  const record = world.journal.files.get(chosen.file.interaction);
  const isAskable =
    record?.presence.kind !== 'verified' && rule(policy, { ...chosen, record, room: roomOf(world) }).fetch;
  if (step === 'ask' && isAskable) world.underWay.add(n);
  if (step !== 'evict' && step !== 'lose' && !world.underWay.has(n)) return;
  const bytes = Math.floor((chosen.file.totalSize * part) / 100);
  const about = { ...nameOf(chosen.file, chosen.conversation), at };
  const fact = factOf(step, { about, bytes, size: chosen.file.totalSize });
  if (fact) world.journal = evolveJournal(world.journal, fact);
  if (ENDS.includes(step)) world.underWay.delete(n);
}

interface Happened {
  readonly about: ReturnType<typeof nameOf> & { readonly at: number };
  readonly bytes: number;
  readonly size: number;
}

function factOf(step: Step, { about, bytes, size }: Happened): JournalRecord | undefined {
  const stamp = { mtimeMs: 1, inode: 1 };
  const share = { ...about, peer: device(1), direction: 'receiving' } as const;
  const facts: { readonly [One in Step]: JournalRecord | undefined } = {
    ask: undefined,
    start: { kind: 'sub-transfer-started', ...share, start: 0 },
    progress: { kind: 'sub-transfer-progressed', ...about, peer: device(1), bytes },
    complete: { kind: 'file-verified', ...about, size, ...stamp },
    interrupt: { kind: 'sub-transfer-ended', ...share, bytes, outcome: 'interrupted' },
    corrupt: { kind: 'sub-transfer-ended', ...share, bytes, outcome: 'wrong-digest' },
    decline: { kind: 'request-declined', ...about, from: device(1), reason: 'has-not' },
    lose: { kind: 'file-found-lacking', ...about, state: 'missing', size: 0, ...stamp },
    evict: { kind: 'file-removed', ...about, why: 'evicted' },
  };
  return facts[step];
}

function worldAfter(all: readonly Move[], look: (world: World) => void = () => {}): World {
  const world: World = { journal: initialJournalState, underWay: new Set() };
  for (const [at, next] of all.entries()) {
    move(world, next, at);
    look(world);
  }
  return world;
}

describe('the quota', () => {
  it('is never exceeded by what is fetched unasked, whatever happens in whatever order', () => {
    fc.assert(
      fc.property(moves, (all) => {
        worldAfter(all, (world) => {
          const room = roomOf(world);
          expect(taken(room)).toBeLessThanOrEqual(policy.quota.total);
          for (const n of [0, 1])
            expect(takenIn(room, conversationId(n))).toBeLessThanOrEqual(policy.quota.perConversation);
        });
      }),
    );
  });

  it('counts nothing of a file that was removed, wherever it came from', () => {
    fc.assert(
      fc.property(moves, (all) => {
        let { journal } = worldAfter(all);
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
        const { journal } = worldAfter(all);
        const sizes = [...journal.files.values()].map(bytesOf);
        expect(journal.held.total).toBe(sizes.reduce((sum, size) => sum + size, 0));
        expect(Math.min(0, ...sizes)).toBe(0);
      }),
    );
  });

  it('keeps no room for what was asked for before the engine was killed', () => {
    const world = worldAfter([
      { n: 5, step: 'ask', part: 0 },
      { n: 5, step: 'start', part: 0 },
    ]);
    expect(taken(roomOf(world))).toBe(600);
    expect(taken(roomOf({ ...world, underWay: new Set() }))).toBe(0);
  });
});

describe('claims', () => {
  it('are as large as what the files lack, each once, in whatever order they come and go', () => {
    const known = (n: number) => ({ ...only(files.slice(n, n + 1)), record: undefined });
    fc.assert(
      fc.property(fc.array(fc.record({ n: fc.nat(FILES - 1), isOver: fc.boolean() })), (all) => {
        const open = new Set<number>();
        let claims = noClaims;
        for (const { n, isOver } of all) {
          claims = isOver ? withoutClaim(claims, known(n)) : withClaim(claims, known(n));
          if (isOver) open.delete(n);
          else open.add(n);
        }
        const anew = [...open].map(known).reduce(withClaim, noClaims);
        expect(claims.total).toBe(anew.total);
        expect(new Set(claims.files.keys())).toEqual(new Set(anew.files.keys()));
        for (const n of [0, 1])
          expect(claims.byConversation.get(conversationId(n), 0)).toBe(anew.byConversation.get(conversationId(n), 0));
      }),
    );
  });
});
