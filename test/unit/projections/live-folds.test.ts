import fc from 'fast-check';
import { List } from 'immutable';
import { describe, expect, it } from 'vitest';
import type { Interaction } from '../../../src/events/interaction.ts';
import type { LinearizedHistory } from '../../../src/events/linearized-history.ts';
import type { CommitId } from '../../../src/ids.ts';
import { builtInProjections } from '../../../src/projections/built-in.ts';
import { createLiveFolds } from '../../../src/projections/live-folds.ts';
import { type Projection, project } from '../../../src/projections/projection.ts';
import { type EntryView, historyPage, timelineView } from '../../../src/projections/timeline/timeline-page.ts';
import { account, interaction, recordedInteractions } from '../../support/events/interactions.ts';
import { linearizedFrom } from '../../support/events/linearized.ts';

/** The order of folding and nothing else: any slip shows. */
const heard: Projection<List<CommitId>> = {
  name: 'heard',
  version: 1,
  initial: List(),
  evolve: (state, { id }) => state.push(id),
};

/** What the first account says after the second one has said an odd number of things: whom it concerns changes as it goes. */
const sometimes: Projection<{ readonly isOpen: boolean; readonly heard: List<CommitId> }> = {
  name: 'sometimes',
  version: 1,
  initial: { isOpen: false, heard: List() },
  evolve({ isOpen, heard }, { id, author }) {
    if (author === account(2)) return { isOpen: !isOpen, heard };
    return { isOpen, heard: isOpen ? heard.push(id) : heard };
  },
  concernsNow: ({ isOpen }, { author }) => isOpen || author === account(2),
};

/** How often each commit was folded. */
function createCounter(): { projection: Projection<number>; folded: () => number } {
  let folded = 0;
  const projection: Projection<number> = {
    name: 'count',
    version: 1,
    initial: 0,
    evolve(state) {
      folded += 1;
      return state + 1;
    },
  };
  return { projection, folded: () => folded };
}

const said = (id: number): Interaction => interaction({ id, event: { kind: 'message-sent', body: `number ${id}` } });
const LENGTH = 1200;
const WHOLE = Array.from({ length: LENGTH }, (_, at) => said(at + 1));

/** The moment at which each commit of the whole arrives; those of one moment come together. */
const arrivals = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: LENGTH, maxLength: LENGTH });
/** Mostly in order, with a few that are late: what really happens. */
const lateArrivals = fc
  .array(fc.record({ at: fc.nat(LENGTH - 1), moment: fc.integer({ min: 0, max: 6 }) }), { maxLength: 20 })
  .map((late) => {
    const moments = WHOLE.map((_, at) => Math.floor((at * 6) / LENGTH));
    for (const { at, moment } of late) moments[at] = moment;
    return moments;
  });

function growing<T>(whole: readonly T[], moments: readonly number[]): (readonly T[])[] {
  return Array.from({ length: 7 }, (_, now) => whole.filter((_commit, at) => (moments[at] ?? 0) <= now));
}

/** The timeline as it is shown, page by page, oldest first. */
function pagesOf(history: LinearizedHistory): readonly EntryView[] {
  const entries: EntryView[] = [];
  let page = historyPage(history, { limit: 3 });
  for (; page.next; page = historyPage(history, { before: page.next, limit: 3 })) entries.push(...page.entries);
  return [...entries, ...page.entries].reverse();
}

describe('live folds', () => {
  it('say after any growth what a fold from the beginning says', () => {
    fc.assert(
      fc.property(fc.oneof(arrivals, lateArrivals), (moments) => {
        const folds = createLiveFolds({ heard });
        for (const history of growing(WHOLE, moments)) {
          folds.update(linearizedFrom(history));
          expect(folds.states().heard.equals(project(heard, history))).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('hold for every projection of the engine over the recorded conversation', () => {
    const whole = recordedInteractions();
    const moments = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: whole.length, maxLength: whole.length });
    fc.assert(
      fc.property(moments, (arrived) => {
        const folds = createLiveFolds(builtInProjections);
        for (const history of growing(whole, arrived)) {
          folds.update(linearizedFrom(history));
          const { timeline, members, files } = folds.states();
          const paged = pagesOf(linearizedFrom(history));
          expect(paged).toEqual([...timelineView(project(builtInProjections.timeline, history))]);
          expect([...timelineView(timeline)]).toEqual([...timelineView(project(builtInProjections.timeline, history))]);
          expect(members.members.toJS()).toEqual(project(builtInProjections.members, history).members.toJS());
          expect([...files.announced]).toEqual([...project(builtInProjections.files, history).announced]);
        }
      }),
      { numRuns: 10 },
    );
  });

  it('leave out no more than what does not concern a projection as things stand', () => {
    const speakers = fc.array(fc.constantFrom(1, 1, 1, 2), { minLength: 400, maxLength: 600 });
    fc.assert(
      fc.property(speakers, fc.infiniteStream(fc.nat(6)), (by, moments) => {
        const whole = by.map((speaker, at) => ({ ...said(at + 1), author: account(speaker) }));
        const folds = createLiveFolds({ sometimes });
        for (const history of growing(whole, [...moments.take(whole.length)])) {
          folds.update(linearizedFrom(history));
          expect(folds.states().sometimes.heard.equals(project(sometimes, history).heard)).toBe(true);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('tell where the history first differs from before', () => {
    const folds = createLiveFolds({ heard });
    expect(folds.update(linearizedFrom(WHOLE.slice(0, 10)))).toBe(0);
    expect(folds.update(linearizedFrom(WHOLE.slice(0, 12)))).toBe(10);
    expect(folds.update(linearizedFrom(WHOLE.slice(0, 12)))).toBe(12);
    const [first, ...rest] = WHOLE.slice(0, 12);
    expect(folds.update(linearizedFrom([...(first ? [first] : []), said(5000), ...rest]))).toBe(1);
  });

  it('fold only what is new at the end, and from the last checkpoint on for a late commit', () => {
    const { projection, folded } = createCounter();
    const folds = createLiveFolds({ count: projection });
    folds.update(linearizedFrom(WHOLE.slice(0, 1100)));
    expect(folded()).toBe(1100);
    folds.update(linearizedFrom(WHOLE));
    expect(folded()).toBe(LENGTH);
    folds.update(linearizedFrom([...WHOLE.slice(0, 1030), said(5000), ...WHOLE.slice(1030)]));
    // The last checkpoint before position 1030 stands at 4 · 256 = 1024.
    expect(folded()).toBe(LENGTH + (LENGTH + 1 - 1024));
    expect(folds.states().count).toBe(LENGTH + 1);
  });

  it('leave states that were handed out as they were', () => {
    const folds = createLiveFolds({ heard });
    folds.update(linearizedFrom(WHOLE.slice(0, 3)));
    const early = folds.states();
    folds.update(linearizedFrom([said(5000), ...WHOLE.slice(0, 3)]));
    expect(early.heard.size).toBe(3);
  });
});
