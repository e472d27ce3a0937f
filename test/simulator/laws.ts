/** What must hold at the end of every simulation: each law yields a sentence for each time it was broken. */
import type { LiveConversation } from '../../src/engine/conversations/live-conversation.ts';
import { builtInProjections } from '../../src/projections/built-in.ts';
import { announcedFiles } from '../../src/projections/files.ts';
import { type MemberView, membersView } from '../../src/projections/members.ts';
import { project } from '../../src/projections/projection.ts';
import { evolveAll, initialStates } from '../../src/projections/projection-set.ts';
import { type EntryView, historyPage, timelineView } from '../../src/projections/timeline/timeline-page.ts';
import { allOf } from '../support/events/linearized.ts';
import type { Figures, Simulation } from './simulate.ts';

export function brokenLaws({ replicas, flushed, hasUnbans, violations, figures }: Simulation): readonly string[] {
  const lives = replicas.flatMap((replica) => replica.live() ?? []);
  const [first] = lives;
  if (!first || lives.length < replicas.length)
    return [...violations, `${replicas.length - lives.length} devices do not have the conversation`];
  const isAdmitted = new Set(allOf(first.history()).map(({ id }) => id));
  return [
    ...violations,
    ...differing('heads', lives, (live) => live.head()),
    ...differing('orders', lives, (live) => allOf(live.history()).map(({ id }) => id)),
    ...differing('timelines, members or files', lives, viewsOf),
    ...differing('titles', lives, (live) => live.title()),
    ...differing('members in the tree', lives, (live) => [...live.log.membership().members.values()]),
    ...[...flushed].filter((id) => !isAdmitted.has(id)).map((id) => `${id} was on a disk and is lost`),
    ...foldsAnew(first),
    ...lives.flatMap(showsItsMembers),
    ...(hasUnbans ? [] : knowsItsMembers(first)),
    ...replicas
      .filter(({ journalled }) => journalled() !== isAdmitted.size)
      .map(() => 'a journal and its log disagree'),
    ...boundedMerges(figures),
  ];
}

function differing(
  what: string,
  lives: readonly LiveConversation[],
  of: (live: LiveConversation) => unknown,
): string[] {
  const different = new Set(lives.map((live) => JSON.stringify(of(live))));
  return different.size > 1 ? [`the devices have ${different.size} different ${what}`] : [];
}

/** Roles are those of the tree, whatever was folded. */
const withoutRole = ({ uri, devices }: MemberView) => ({ uri, devices });

function viewsOf(live: LiveConversation) {
  const { members, files } = live.states();
  return { timeline: timelineOf(live), members: membersView(members), files: [...announcedFiles(files)] };
}

/** Page by page, as it is shown. */
function timelineOf(live: LiveConversation): readonly EntryView[] {
  const entries: EntryView[] = [];
  let page = historyPage(live.history(), { limit: 7 });
  for (; page.next; page = historyPage(live.history(), { before: page.next, limit: 7 })) entries.push(...page.entries);
  return [...entries, ...page.entries].reverse();
}

/** What grew piece by piece, out of order, is what one fold from the beginning gives. */
function foldsAnew(live: LiveConversation): string[] {
  let states = initialStates(builtInProjections);
  for (const interaction of allOf(live.history())) states = evolveAll(builtInProjections, states, interaction);
  const { timeline, members, files } = states;
  const anew = {
    timeline: [...timelineView(timeline)],
    members: membersView(members).map(withoutRole),
    files: [...announcedFiles(files)],
  };
  const grown = { ...viewsOf(live), members: live.members().map(withoutRole) };
  const isSame = JSON.stringify(anew) === JSON.stringify(grown);
  return isSame ? [] : ['the projections are not what a fold from the beginning gives'];
}

/** A tree does not remember those who left. */
const roles = (members: Iterable<{ uri: string; role: string }>) =>
  JSON.stringify([...members].flatMap(({ uri, role }) => (role === 'left' ? [] : `${uri} ${role}`)).toSorted());

/** Whom a client is shown is whom the rules go by. */
function showsItsMembers(live: LiveConversation): string[] {
  const isSame = roles(live.members()) === roles(live.log.membership().members.values());
  return isSame ? [] : ['the members that are shown are not those of the tree'];
}

/**
 * Without the ends of bans, of which a tree does not tell one from another (docs/decisions/0016): who takes part by the events
 * is who takes part by the files in the tree, which the rules go by.
 */
function knowsItsMembers(live: LiveConversation): string[] {
  const told = project(builtInProjections.members, allOf(live.history()));
  const isSame = roles(membersView(told)) === roles(live.log.membership().members.values());
  return isSame ? [] : ['the members of the projection are not those of the tree'];
}

/**
 * A merge that brings its device a commit it had not is one of at most (devices - 1) for that commit. The others, of merges
 * that two devices made of the same heads, are few unless there is a storm. See docs/convergence.md.
 */
function boundedMerges({ devices, commits, merges, idle }: Figures): string[] {
  const most = (devices - 1) * commits;
  return [
    ...(merges > most ? [`${commits} commits took ${merges} merges, not ${most} at the most`] : []),
    ...(idle > 3 * devices ? [`${idle} merges brought nothing new to ${devices} devices`] : []),
  ];
}
