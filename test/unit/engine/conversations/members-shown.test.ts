/** One truth: whatever happened on two sides, people are shown the members that the rules go by. */
import { expect, it } from 'vitest';
import { readHistory } from '../../../../src/conversation/log/history.ts';
import { headMembership } from '../../../../src/conversation/membership/head-membership.ts';
import { membersShown } from '../../../../src/engine/conversations/members-shown.ts';
import { members } from '../../../../src/projections/members.ts';
import { project } from '../../../../src/projections/projection.ts';
import { ban, foundGroup, type JudgedGroup, leave, unban } from '../../../support/conversation/judged-group.ts';

const { signal } = new AbortController();

/** Bans Bob, or lifts his ban, whichever can be done, so many times. */
async function toggle(group: JudgedGroup, wasBanned: boolean, times: number): Promise<void> {
  let isBanned = wasBanned;
  for (let time = 0; time < times; time += 1) {
    await (isBanned ? unban(group, group.bob) : ban(group, group.bob));
    isBanned = !isBanned;
  }
}

async function rolesBothWays({ forge }: JudgedGroup) {
  const reader = forge.reader();
  const history = await readHistory(reader, { signal });
  const [first] = history;
  if (!first) throw new TypeError('there is a first commit');
  const membership = await headMembership(reader, { first: first.id, head: forge.head });
  const shown = membersShown(project(members, history), membership);
  const rolesOf = (some: Iterable<{ uri: string; role: string }>) =>
    [...some].flatMap(({ uri, role }) => (role === 'left' ? [] : `${uri} ${role}`)).toSorted();
  return { shown: rolesOf(shown), ruled: rolesOf(membership.members.values()) };
}

const CASES = [false, true].flatMap((wasBanned) =>
  [0, 1, 2].flatMap((one) => [0, 1, 2].map((other) => ({ wasBanned, one, other }))),
);

it.each(CASES)('after bans and their ends on two sides: $wasBanned, $one and $other times', async (story) => {
  const group = await foundGroup();
  const { forge, alice, bob } = group;
  if (story.wasBanned) await ban(group, bob);
  const base = forge.head;
  await toggle(group, story.wasBanned, story.one);
  const left = forge.head;
  forge.rewindTo(base);
  // So that there is something to merge.
  await forge.say(alice, 'meanwhile');
  await toggle(group, story.wasBanned, story.other);
  await forge.merge(alice, [left, forge.head]);
  const { shown, ruled } = await rolesBothWays(group);
  expect(shown).toEqual(ruled);
});

it('after a member left while it was banned', async () => {
  const group = await foundGroup();
  const { forge, alice, bob } = group;
  const base = forge.head;
  const banned = await ban(group, bob);
  forge.rewindTo(base);
  const gone = await leave(group, bob);
  await forge.merge(alice, [banned, gone]);
  const { shown, ruled } = await rolesBothWays(group);
  expect(shown).toEqual(ruled);
  expect(shown).toContain(`${bob.account} banned`);
});
