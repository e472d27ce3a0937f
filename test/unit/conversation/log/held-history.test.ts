import fc from 'fast-check';
import { expect, it } from 'vitest';
import { linearize } from '../../../../src/conversation/graph/linearize.ts';
import { createHeldHistory } from '../../../../src/conversation/log/held-history.ts';
import { linked } from '../../../../src/conversation/log/interaction-of.ts';
import type { ConversationEvent } from '../../../../src/events/conversation-event.ts';
import type { Interaction } from '../../../../src/events/interaction.ts';
import type { LinearizedHistory } from '../../../../src/events/linearized-history.ts';
import type { CommitId } from '../../../../src/ids.ts';
import { liveProjections } from '../../../../src/projections/built-in.ts';
import { createLiveFolds } from '../../../../src/projections/live-folds.ts';
import { project } from '../../../../src/projections/projection.ts';
import { rowsOf } from '../../../support/conversation/rows.ts';
import { commitId, device, interaction, recordedInteractions } from '../../../support/events/interactions.ts';
import { linearizedFrom } from '../../../support/events/linearized.ts';

const whole = recordedInteractions();
const MOMENTS = [0, 1, 2, 3];

/** The recorded conversation as it comes in: some commits late, and so whatever is on top of them. */
const growths = fc
  .array(fc.record({ place: fc.nat(whole.length - 1), moment: fc.constantFrom(...MOMENTS) }), { maxLength: 6 })
  .map((late) => {
    const moments = new Map<CommitId, number>();
    for (const [place, { id, parents }] of whole.entries()) {
      const waits = late.filter((one) => one.place === place).map(({ moment }) => moment);
      moments.set(id, Math.max(0, ...waits, ...parents.map((parent) => moments.get(parent) ?? 0)));
    }
    return MOMENTS.map((now) => whole.filter(({ id }) => moments.get(id) === now));
  });

const idsOf = (history: LinearizedHistory) => Array.from({ length: history.length }, (_, at) => history.idAt(at));

it('is in order however it grew, is folded as a whole would be, and stays as it was for who has it', () => {
  fc.assert(
    fc.property(growths, (comings) => {
      const held = createHeldHistory();
      const folds = createLiveFolds(liveProjections);
      const handedOut: { history: LinearizedHistory; ids: readonly CommitId[] }[] = [];
      let here: readonly Interaction[] = [];
      for (const coming of comings) {
        const taken = held.take(coming);
        here = linked(linearize([...here, ...coming]));
        expect(taken).toEqual(here.filter(({ id }) => coming.some((one) => one.id === id)));
        const history = held.linearized();
        handedOut.push({ history, ids: here.map(({ id }) => id) });
        for (const { history: earlier, ids } of handedOut) expect(idsOf(earlier)).toEqual(ids);
        folds.update(history);
        const { members, files } = folds.states();
        expect(members.members.toJS()).toEqual(project(liveProjections.members, here).members.toJS());
        expect([...files.announced]).toEqual([...project(liveProjections.files, here).announced]);
      }
    }),
    { numRuns: 30 },
  );
});

const COMMITS = 16;
const anyCommit = fc.nat(COMMITS).map(commitId);
const saying: fc.Arbitrary<ConversationEvent> = fc.oneof(
  fc.constant<ConversationEvent>({ kind: 'message-sent', body: 'a' }),
  fc.record({ kind: fc.constant('reaction-added' as const), body: fc.constant('👍'), reactTo: anyCommit }),
  fc.record({ kind: fc.constant('message-deleted' as const), edit: anyCommit }),
);
/** A conversation, each commit on some earlier one, naming any other one; and in which pieces it comes, read or as rows. */
const namings = fc.record({
  said: fc.array(fc.record({ event: saying, on: fc.nat() }), { minLength: COMMITS, maxLength: COMMITS }),
  pieces: fc.array(fc.record({ length: fc.nat(5), areRows: fc.boolean() }), { maxLength: 6 }),
});

it('knows what edits, deletes or reacts to what, in the canonical order, also where that came first', () => {
  fc.assert(
    fc.property(namings, ({ said, pieces }) => {
      const all = said.map(({ event, on }, id) => {
        return { ...interaction({ id, event }), parents: id === 0 ? [] : [commitId(on % id)] };
      });
      const held = createHeldHistory();
      let from = 0;
      for (const { length, areRows } of [...pieces, { length: COMMITS, areRows: false }]) {
        const coming = all.slice(from, from + length);
        if (areRows) for (const rows of rowsOf(coming)) held.takeRows(rows);
        else held.take(coming);
        from += length;
      }
      const [history, due] = [held.linearized(), linearizedFrom(linked(linearize(all)))];
      const changes = (of: LinearizedHistory) => Array.from({ length: COMMITS }, (_, at) => of.changesOf(at));
      expect(changes(history)).toEqual(changes(due));
    }),
  );
});

it('is folded anew from before a late commit, also what concerned nobody any more', () => {
  const on = (parent: number, one: Interaction): Interaction => ({ ...one, parents: [commitId(parent)] });
  const founded = interaction({ id: 0, event: { kind: 'conversation-created', mode: 'invites-only' } });
  // From the second message on, messages of this device tell nothing new of who takes part.
  const message = (id: number) => interaction({ id, device: 3, event: { kind: 'message-sent', body: `${id}` } });
  const late = interaction({ id: 5, event: { kind: 'message-sent', body: 'late' } });
  const held = createHeldHistory();
  const folds = createLiveFolds(liveProjections);
  held.take([founded, on(0, message(10)), on(10, message(11))]);
  folds.update(held.linearized());
  held.take([on(0, late)]);
  folds.update(held.linearized());
  const [member] = folds.states().members.members.values();
  expect([...(member?.devices ?? [])]).toEqual([device(1), device(3)]);
});
