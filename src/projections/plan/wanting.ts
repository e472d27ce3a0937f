/** Whether a missing file is wanted, over which links, and whether there is room for it. */
import type { LinkKind } from '../../ports.ts';
import { hasLinkRules, LINK_KINDS, type Policy } from '../policy/policy.ts';
import { type PolicyRule, rule, shortageOf } from '../policy/rule.ts';
import { ruleOverLinks } from '../policy/rule-over-links.ts';
import type { Room } from '../policy/subject.ts';
import type { PlanWorld } from './plan-world.ts';
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

/** What holds a missing file back, whoever could send it. */
export type Hold =
  /** The policy, or the user's word. */
  | 'await-user'
  /** It is wanted, but the quota or the reserve of the disk has no room for it. */
  | 'await-room';

interface RuledHold {
  readonly rule: PolicyRule;
  /** The place of the user's rule that leaves it to them, from 1. */
  readonly ownRule?: number;
  readonly hold: Hold | undefined;
}

/** Whether the plan asks for the file once a device can be asked, and the rule that decides so. */
export function holdOn(
  known: KnownFile,
  { policy, room, linkKinds }: Pick<PlanWorld, 'policy' | 'room' | 'linkKinds'>,
): RuledHold {
  const { ruling } = ruleOverLinks(policy, known, linkKinds);
  const { rule, index } = ruling;
  if (!ruling.fetch) return { rule, ...(index !== undefined && { ownRule: index + 1 }), hold: 'await-user' };
  const shortage = shortageFor(known, policy, room);
  return shortage ? { rule: shortage, hold: 'await-room' } : { rule, hold: undefined };
}
