import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Interaction } from '../../../../src/events/interaction.ts';
import { Digest } from '../../../../src/ids.ts';
import { project } from '../../../../src/projections/projection.ts';
import { type TimelineState, timeline } from '../../../../src/projections/timeline/timeline.ts';
import { type EntryView, timelinePage, timelineView } from '../../../../src/projections/timeline/timeline-page.ts';
import { ANY_EVENT, EVENT_KINDS } from '../../../support/events/events.ts';
import { account, commitId, device, interaction, recordedInteractions } from '../../../support/events/interactions.ts';
import { thrownBy } from '../../../support/thrown.ts';

const message = interaction({ id: 1, event: { kind: 'message-sent', body: 'hello' } });
const reaction = interaction({ id: 5, by: 2, event: { kind: 'reaction-added', body: 'up', reactTo: commitId(1) } });

interface SaidAbout {
  readonly id: number;
  readonly body: string;
  readonly by?: number;
  readonly target?: number;
}

/** An edit, or with an empty body a deletion; of message 1 by its author unless told otherwise. */
function change({ id, body, by = 1, target = 1 }: SaidAbout): Interaction {
  const edit = commitId(target);
  const event =
    body === '' ? { kind: 'message-deleted' as const, edit } : { kind: 'message-edited' as const, body, edit };
  return interaction({ id, by, event });
}

const edit = (id: number, body: string, about?: { by: number; target?: number }) => change({ id, body, ...about });
const deletion = (id: number, about?: { by: number; target?: number }) => change({ id, body: '', ...about });
const announced = interaction({
  id: 1,
  event: {
    kind: 'file-announced',
    displayName: 'a.png',
    sha3sum: Digest.parse('b'.repeat(128)),
    tid: '7',
    totalSize: 3,
  },
});

const entriesOf = (history: Iterable<Interaction>): readonly EntryView[] => [
  ...timelineView(project(timeline, history)),
];
const entryOf = (history: readonly Interaction[], id = 1) =>
  entriesOf(history).find((entry) => entry.id === commitId(id));

describe('timeline', () => {
  it.each([
    ['shows a message as it was sent', [message], { body: 'hello', editions: [], reactions: [], isDeleted: false }],
    [
      'keeps what an edit superseded, newest first',
      [message, edit(2, 'hello!'), edit(3, 'hello?')],
      {
        body: 'hello?',
        editions: [
          { id: commitId(2), body: 'hello!' },
          { id: commitId(1), body: 'hello' },
        ],
      },
    ],
    ['lets nobody else edit', [message, edit(2, 'forged', { by: 2 })], { body: 'hello', editions: [] }],
    ['lets nobody else delete', [message, deletion(2, { by: 2 })], { body: 'hello', isDeleted: false }],
    [
      'takes body and reactions from a deleted message, not its place',
      [message, reaction, deletion(6)],
      { body: '', isDeleted: true, reactions: [], editions: [{ body: 'hello' }] },
    ],
    ['takes no reaction to a deleted message', [message, deletion(4), reaction], { isDeleted: true, reactions: [] }],
    [
      'lets the last change win, also over a deletion',
      [message, deletion(2), edit(3, 'back')],
      { body: 'back', isDeleted: false },
    ],
    ['folds a reaction in', [message, reaction], { reactions: [{ id: commitId(5), author: account(2), body: 'up' }] }],
    [
      'changes a reaction',
      [message, reaction, edit(6, 'down', { by: 2, target: 5 })],
      { reactions: [{ id: commitId(5), body: 'down' }] },
    ],
    ['takes a reaction back', [message, reaction, deletion(6, { by: 2, target: 5 })], { reactions: [] }],
    [
      'lets nobody else take a reaction back',
      [message, reaction, deletion(6, { by: 1, target: 5 })],
      { reactions: [{ body: 'up' }] },
    ],
    [
      'keeps the place of a deleted file and forgets its file id',
      [announced, interaction({ id: 2, event: { kind: 'file-deleted', edit: commitId(1) } })],
      { kind: 'file', displayName: 'a.png', isDeleted: true },
    ],
    [
      'applies changes that came before their target',
      [deletion(6, { by: 2, target: 5 }), reaction, edit(2, 'hello!'), message],
      { body: 'hello!', reactions: [] },
    ],
    [
      'applies several that came before their target in their order',
      [edit(2, 'hello!'), deletion(3), edit(4, 'back'), message],
      { body: 'back', isDeleted: false, editions: [{ body: '' }, { body: 'hello!' }, { body: 'hello' }] },
    ],
  ])('%s', (_, history, expected) => {
    expect(entryOf(history)).toMatchObject(expected);
  });

  it('shows a file with its id until it is deleted', () => {
    expect(entryOf([announced])).toMatchObject({ fileId: `${commitId(1)}_7.png` });
    expect(entryOf([announced, deletion(2)])).not.toHaveProperty('fileId');
  });

  it('swallows nothing: unknown and malformed commits are entries', () => {
    const unknown: Interaction = {
      ...message,
      content: { outcome: 'unknown', type: 'x/y', raw: { type: 'x/y', z: 1 } },
    };
    const malformed: Interaction = {
      ...message,
      id: commitId(2),
      content: { outcome: 'malformed', type: '', reason: 'no JSON' },
    };
    expect(entriesOf([unknown, malformed])).toMatchObject([
      { kind: 'unknown', type: 'x/y', raw: { z: 1 } },
      { kind: 'malformed', reason: 'no JSON' },
    ]);
  });

  it('tells the device that committed a call from the device that hosts it', () => {
    const host = device(9);
    const started = interaction({
      id: 1,
      event: { kind: 'group-call-started', confId: '1', device: host, uri: account(9) },
    });
    expect(entryOf([started])).toMatchObject({ device: started.device, kind: 'event', event: { device: host } });
  });

  it('goes on from any prefix to the same state', () => {
    const history = recordedInteractions();
    const whole = entriesOf(history);
    fc.assert(
      fc.property(fc.nat({ max: history.length }), (length) => {
        const prefix = project(timeline, history.slice(0, length));
        const rest = project(timeline, history.slice(length), prefix);
        expect([...timelineView(rest)]).toEqual(whole);
      }),
      { numRuns: 20 },
    );
  });

  it('does not care when targets come, as long as the changes keep their order', () => {
    fc.assert(
      fc.property(anyChanges(), fc.infiniteStream(fc.boolean()), ({ targets, changes }, picks) => {
        const expected = contentById(project(timeline, [...targets, ...changes]));
        expect(contentById(project(timeline, interleave(targets, changes, picks)))).toEqual(expected);
      }),
    );
  });

  it('never throws, whatever is said in whatever order, and shows as JSON', () => {
    const anyEvent = fc.oneof(...EVENT_KINDS.map((kind) => ANY_EVENT[kind]));
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 20 }), (events) => {
        const view = entriesOf(events.map((event, id) => interaction({ id, event })));
        expect(JSON.parse(JSON.stringify(view))).toHaveLength(view.length);
      }),
    );
  });
});

describe('timelinePage', () => {
  const history = Array.from({ length: 7 }, (_, id) =>
    interaction({ id, event: { kind: 'message-sent', body: `${id}` } }),
  );
  const state = project(timeline, history);
  const bodies = (entries: readonly EntryView[]) => entries.map((entry) => ('body' in entry ? entry.body : undefined));

  it('walks the whole timeline from the newest to the oldest, each entry once', () => {
    const seen: unknown[] = [];
    for (let page = timelinePage(state, { limit: 3 }); ; page = timelinePage(state, { limit: 3, before: page.next })) {
      seen.push(...bodies(page.entries));
      if (page.next === undefined) break;
    }
    expect(seen).toEqual(['6', '5', '4', '3', '2', '1', '0']);
  });

  it('gives the same page for the same cursor when the conversation has grown', () => {
    const grown = project(timeline, [interaction({ id: 50, event: { kind: 'message-sent', body: 'new' } })], state);
    const cursor = { before: commitId(5), limit: 2 };
    expect(bodies(timelinePage(grown, cursor).entries)).toEqual(bodies(timelinePage(state, cursor).entries));
  });

  it('is empty, without a next page, for an empty timeline', () => {
    expect(timelinePage(timeline.initial, { limit: 3 })).toEqual({ entries: [] });
  });

  it('says so when the cursor is no entry', async () => {
    await thrownBy('USAGE', () => timelinePage(state, { before: commitId(99), limit: 1 }));
  });
});

describe('the recorded conversation', () => {
  it('reads as its members saw it', () => {
    const entries = entriesOf(recordedInteractions());
    const find = (start: string) => entries.find(({ id }) => id.startsWith(start));
    expect(entries.filter(({ kind }) => kind === 'malformed' || kind === 'unknown')).toEqual([]);
    expect(find('b9ddb956')).toMatchObject({
      body: 'Hello Bob (edited twice)',
      editions: [{ body: 'Hello Bob (edited)' }, { body: 'Hello Bob' }],
    });
    expect(find('b09c20f9')).toMatchObject({ reactions: [] });
    expect(find('699a7d3c')).toMatchObject({ body: '', isDeleted: true });
    expect(entries.filter(({ kind }) => kind === 'file')).toHaveLength(18);
    // 76 commits less 24 merges, three edits or deletions of messages, one reaction and its removal.
    expect(entries).toHaveLength(76 - 24 - 3 - 2);
  });
});

/** Messages 0 to 2, and reactions (10 to 12), edits and deletions of all of them in any order. */
function anyChanges() {
  const targets = [0, 1, 2].map((id) => interaction({ id, event: { kind: 'message-sent', body: `m${id}` } }));
  const reactions = [0, 1, 2].map((id) =>
    interaction({ id: 10 + id, event: { kind: 'reaction-added', body: 'r', reactTo: commitId(id) } }),
  );
  const edits = fc
    .array(
      fc.record({
        target: fc.constantFrom(0, 1, 2, 10, 11, 12),
        body: fc.constantFrom('', 'x', 'y'),
        by: fc.constantFrom(1, 2),
      }),
      { maxLength: 8 },
    )
    .map((all) => all.map(({ target, body, by }, i) => change({ id: 100 + i, target, body, by })));
  return edits
    .chain((some) => fc.shuffledSubarray([...reactions, ...some], { minLength: reactions.length + some.length }))
    .map((changes) => ({ targets, changes }));
}

function contentById(state: TimelineState): Record<string, unknown> {
  const entries = [...timelineView(state)].map(({ linearizedParent: _, ...entry }) => [entry.id, entry] as const);
  return Object.fromEntries(entries);
}

function interleave<T>(a: readonly T[], b: readonly T[], picks: Iterable<boolean>): readonly T[] {
  const left = [...a];
  const right = [...b];
  const mixed: T[] = [];
  for (const pick of picks) {
    const next = (pick && right.length > 0) || left.length === 0 ? right.shift() : left.shift();
    if (next === undefined) return mixed;
    mixed.push(next);
  }
  return mixed;
}
