import { describe, expect, it } from 'vitest';
import { type ReplayStep, replay } from '../../../src/engine/replay.ts';
import { CommitId } from '../../../src/ids.ts';
import { builtInProjections } from '../../../src/projections/built-in.ts';
import type { Projection } from '../../../src/projections/projection.ts';
import { timelineView } from '../../../src/projections/timeline/timeline-page.ts';
import { commitId, recordedInteractions, recordedPath } from '../../support/events/interactions.ts';
import { thrownBy } from '../../support/thrown.ts';

const history = recordedInteractions();
const BUNDLE = recordedPath('alice.bundle');
const projections = builtInProjections;
type Step = ReplayStep<typeof projections>;

async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** What a step says, in a form that can be compared. */
const told = ({ position, interaction, states }: Step) => ({
  position,
  id: interaction.id,
  timeline: [...timelineView(states.timeline)],
  members: states.members.members.toJS(),
  files: [...states.files.announced],
});

describe('replay', () => {
  it('folds one interaction a step', async () => {
    const steps = await collect(replay(history, { projections }));
    expect(steps.map(({ position }) => position)).toEqual(history.map((_, position) => position));
    expect(steps.map(({ interaction }) => interaction)).toEqual(history);
  });

  it('leaves every earlier state as it was', async () => {
    const early: unknown[] = [];
    const steps: Step[] = [];
    for await (const step of replay(history.slice(0, 20), { projections })) {
      early.push(told(step));
      steps.push(step);
    }
    expect(steps.map(told)).toEqual(early);
  });

  it('says the same when run twice', async () => {
    const [one, two] = await Promise.all([
      collect(replay(BUNDLE, { projections })),
      collect(replay(BUNDLE, { projections })),
    ]);
    expect(one.map(told)).toEqual(two.map(told));
    expect(one).toHaveLength(76);
  });

  it('gives the whole when a prefix and then the rest are run', async () => {
    const whole = await collect(replay(BUNDLE, { projections }));
    for (const cut of [0, 1, 40, whole.length - 1]) {
      const until = whole[cut]?.interaction.id ?? commitId(0);
      const prefix = await collect(replay(BUNDLE, { projections, until }));
      expect(prefix).toHaveLength(cut + 1);
      const after = prefix.at(-1);
      const rest = await collect(replay(BUNDLE, { projections, ...(after && { after }) }));
      expect([...prefix, ...rest].map(told)).toEqual(whole.map(told));
    }
  });

  it('goes on to an interaction that was reached already by doing nothing', async () => {
    const [after] = await collect(replay(history.slice(0, 1), { projections }));
    if (!after) return expect.fail('there is a first step');
    expect(await collect(replay(history, { projections, after, until: after.interaction.id }))).toEqual([]);
  });

  it('folds the same commits in the daemon’s order when asked to', async () => {
    const canonical = await collect(replay(BUNDLE, { projections }));
    const jami = await collect(replay(BUNDLE, { projections, order: 'jami' }));
    const ids = (steps: readonly Step[]) => steps.map(({ interaction }) => interaction.id);
    expect(ids(jami)).not.toEqual(ids(canonical));
    expect(ids(jami).toSorted()).toEqual(ids(canonical).toSorted());
    expect(jami.at(-1)?.states.members.members.toJS()).toEqual(canonical.at(-1)?.states.members.members.toJS());
  });

  it('folds projections of one’s own, each with its own type of state', async () => {
    const words: Projection<number> = {
      name: 'words',
      version: 1,
      initial: 0,
      evolve(state, { content }) {
        if (content.outcome !== 'known' || content.event.kind !== 'message-sent') return state;
        return state + content.event.body.split(/\s+/).length;
      },
    };
    const steps = await collect(replay(history, { projections: { words } }));
    const total: number | undefined = steps.at(-1)?.states.words;
    expect(total).toBeGreaterThan(30);
  });

  it('agrees with what was recorded beside the repository', async () => {
    const fromBundle = (await collect(replay(BUNDLE, { projections }))).at(-1);
    const fromRecord = (await collect(replay(history, { projections }))).at(-1);
    expect([...(fromBundle?.states.files.announced ?? [])]).toEqual([...(fromRecord?.states.files.announced ?? [])]);
    expect(fromBundle?.states.members.members.toJS()).toEqual(fromRecord?.states.members.members.toJS());
  });

  it('says so when the end it is to reach does not occur', async () => {
    await thrownBy('USAGE', () => collect(replay(history, { projections, until: commitId(1) })));
  });

  it('does not go on from a step that a late commit has undercut', async () => {
    const steps = await collect(replay(history, { projections }));
    const after = steps[5];
    if (!after) return expect.fail('there are more than five steps');
    const late = { ...after.interaction, id: CommitId.parse('f'.repeat(40)) };
    const undercut = [...history.slice(0, 3), late, ...history.slice(3)];
    await thrownBy('USAGE', () => collect(replay(undercut, { projections, after })));
    await thrownBy('USAGE', () => collect(replay(history.slice(0, 2), { projections, after })));
  });

  it('says so when there is no such source', async () => {
    await thrownBy('SOURCE_MISSING', () => collect(replay('/nowhere/at/all', { projections })));
  });

  it('stops when told to', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(collect(replay(history, { projections, signal }))).rejects.toThrow('enough');
  });
});
