/** Whether a missing file is wanted, over which links, and whether there is room for it. */
import type { LinkKind } from '../ports.ts';
import { hasLinkRules, LINK_KINDS, type Policy } from './policy/policy.ts';
import { roomAfter } from './policy/room.ts';
import { rule, shortageOf } from './policy/rule.ts';
import { ruleOverLinks } from './policy/rule-over-links.ts';
import type { Room } from './policy/subject.ts';
import type { KnownFile } from './serving-order.ts';

const ALL_KINDS: ReadonlySet<LinkKind> = new Set(LINK_KINDS);

/** The file would be fetched over some kind of link, if there were room. */
export function isWanted(known: KnownFile, policy: Policy): boolean {
  return ruleOverLinks(policy, known, ALL_KINDS).ruling.fetch;
}

/** Undefined: over a link that is still to be made. */
export function isWantedOver(link: LinkKind | undefined, known: KnownFile, policy: Policy): boolean {
  return !hasLinkRules(policy) || rule(policy, { ...known, link }).fetch;
}

export type Shortage = ReturnType<typeof shortageOf>;

/** What keeps a wanted file from being asked for. */
export function shortageFor(known: KnownFile, policy: Policy, room: Room): Shortage {
  if (policy.quota === undefined && room.free === undefined) return undefined;
  const { ruling } = ruleOverLinks(policy, known, ALL_KINDS);
  return shortageOf(policy, { ...known, room }, ruling.rule);
}

/** The room that is left once these files are under way, whether or not the journal knows. */
export function roomBeside(room: Room, asked: Iterable<KnownFile>): Room {
  let left = room;
  for (const known of asked) left = roomAfter(left, known);
  return left;
}
