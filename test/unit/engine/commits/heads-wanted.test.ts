import { describe, expect, it } from 'vitest';
import { createHeadsWanted, type WantedHead } from '../../../../src/engine/commits/heads-wanted.ts';
import type { CommitId } from '../../../../src/ids.ts';
import { HEADS_WAITING } from '../../../../src/limits.ts';
import { person } from '../../../support/engine/live-conversations.ts';
import { commitId } from '../../../support/events/interactions.ts';

const from = person(2).device;
const [older, newer, newest] = [commitId(1), commitId(2), commitId(3)];
const told = (commit: CommitId, more: Partial<WantedHead> = {}): WantedHead => ({
  ...{ from, commit, inVain: 0, merging: 'in-turn' as const },
  ...more,
});

describe('heads that wait for the end of a pull', () => {
  it.each([
    ['the last that was told', [told(older), told(newer)], told(newer)],
    [
      'not the one whose merge is due, when the device told of another one since',
      [told(older), told(newest), told(newer, { merging: 'at-once' })],
      told(newest, { merging: 'at-once' }),
    ],
    ['the one whose merge is due alone', [told(older, { merging: 'at-once' })], told(older, { merging: 'at-once' })],
  ])('are all fetched with %s', (_, heads, expected) => {
    const wanted = createHeadsWanted();
    for (const head of heads) wanted.note('bob', head);
    expect(wanted.take('bob', () => true)).toEqual(expected);
    expect(wanted.take('bob', () => true)).toBeUndefined();
  });

  it('are no more than there is room for, however many are told of: the newest, and that a merge is due', () => {
    const wanted = createHeadsWanted();
    const asked: CommitId[] = [];
    for (let n = 1; n <= 3 * HEADS_WAITING; n += 1) wanted.note('bob', told(commitId(n)));
    wanted.note('bob', told(commitId(1000), { merging: 'at-once' }));
    wanted.note('bob', told(commitId(1001)));
    expect(wanted.take('bob', ({ commit }) => asked.push(commit) > 0)).toEqual(
      told(commitId(1001), { merging: 'at-once' }),
    );
    expect(asked).toHaveLength(HEADS_WAITING);
  });

  it('are not fetched when they have come from somebody else', () => {
    const wanted = createHeadsWanted();
    for (const head of [older, newer]) wanted.note('bob', told(head));
    expect(wanted.take('carol', () => true)).toBeUndefined();
    expect(wanted.take('bob', ({ commit }) => commit === older)?.commit).toBe(older);
    wanted.note('bob', told(older));
    expect(wanted.take('bob', () => false)).toBeUndefined();
  });
});
