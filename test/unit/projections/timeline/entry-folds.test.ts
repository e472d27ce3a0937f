import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linked } from '../../../../src/conversation/log/interaction-of.ts';
import type { ConversationEvent } from '../../../../src/events/conversation-event.ts';
import type { LinearizedHistory } from '../../../../src/events/linearized-history.ts';
import { project } from '../../../../src/projections/projection.ts';
import { createEntryFolds, type EntryFolds } from '../../../../src/projections/timeline/entry-folds.ts';
import { timeline } from '../../../../src/projections/timeline/timeline.ts';
import { type EntryView, historyPage, timelineView } from '../../../../src/projections/timeline/timeline-page.ts';
import { commitId, interaction } from '../../../support/events/interactions.ts';
import { linearizedFrom } from '../../../support/events/linearized.ts';

const LENGTH = 24;
const target = fc.nat(LENGTH - 1).map(commitId);
const events: fc.Arbitrary<ConversationEvent> = fc.oneof(
  fc.constant<ConversationEvent>({ kind: 'message-sent', body: 'first' }),
  fc.record({ kind: fc.constant('reaction-added' as const), body: fc.constantFrom('👍', ''), reactTo: target }),
  fc.record({ kind: fc.constant('message-edited' as const), body: fc.string({ maxLength: 3 }), edit: target }),
  fc.record({ kind: fc.constant('message-deleted' as const), edit: target }),
);
/** What each commit says, who says it, and when it arrives. */
const commits = fc.array(fc.record({ event: events, by: fc.integer({ min: 1, max: 2 }), moment: fc.nat(3) }), {
  minLength: LENGTH,
  maxLength: LENGTH,
});

/** The timeline as it is shown, page by page, oldest first. */
function pagesOf(history: LinearizedHistory, folds: EntryFolds): readonly EntryView[] {
  const entries: EntryView[] = [];
  let page = historyPage(history, { limit: 5 }, folds);
  for (; page.next; page = historyPage(history, { before: page.next, limit: 5 }, folds)) entries.push(...page.entries);
  return [...entries, ...page.entries].reverse();
}

describe('entries that are folded on', () => {
  it('are those of the whole timeline, whatever changes them and in whatever order that arrives', () => {
    fc.assert(
      fc.property(commits, (all) => {
        const folds = createEntryFolds(0);
        for (const now of [0, 1, 2, 3]) {
          const here = linked(
            all.flatMap(({ event, by, moment }, id) => (moment <= now ? [interaction({ id, by, event })] : [])),
          );
          expect(pagesOf(linearizedFrom(here), folds)).toEqual([...timelineView(project(timeline, here))]);
        }
      }),
    );
  });

  it('read what is new and nothing else', () => {
    const reactions = Array.from({ length: 100 }, (_, at) =>
      interaction({ id: at + 1, event: { kind: 'reaction-added', body: '👍', reactTo: commitId(0) } }),
    );
    const all = [interaction({ id: 0, event: { kind: 'message-sent', body: 'a' } }), ...reactions];
    const folds = createEntryFolds();
    pagesOf(linearizedFrom(all.slice(0, 99)), folds);
    const whole = linearizedFrom(all);
    const read: number[] = [];
    const at = (position: number) => {
      read.push(position);
      return whole.at(position);
    };
    expect(pagesOf({ ...whole, at }, folds)[0]?.reactions).toHaveLength(100);
    expect(read).toEqual([99, 100]);
  });
});
