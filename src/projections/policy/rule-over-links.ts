import type { LinkKind } from '../../ports.ts';
import { hasLinkRules, LINK_KINDS, type Policy } from './policy.ts';
import { type Ruling, rule } from './rule.ts';
import type { Subject } from './subject.ts';

/** A ruling on a file that may come over several kinds of link. */
export interface LinkedRuling {
  /** One that wants the file, if any does; else the one for the best link there is. */
  readonly ruling: Ruling;
  /** Whether a device may be asked for it that is linked so; undefined: that would have to be dialled. */
  allows(link: LinkKind | undefined): boolean;
}

/** Rules once when no rule asks for the kind of link; else once for each kind there is. */
export function ruleOverLinks(
  policy: Policy,
  subject: Omit<Subject, 'link'>,
  links: ReadonlySet<LinkKind>,
): LinkedRuling {
  if (!hasLinkRules(policy)) {
    const ruling = rule(policy, subject);
    return { ruling, allows: () => ruling.fetch };
  }
  const kinds: readonly (LinkKind | undefined)[] = [...LINK_KINDS.filter((kind) => links.has(kind)), undefined];
  const rulings = new Map(kinds.map((link) => [link, rule(policy, { ...subject, link })]));
  const [best, ...others] = [...rulings.values()];
  const ruling = [best, ...others].find((one) => one?.fetch) ?? best ?? rule(policy, subject);
  return { ruling, allows: (link) => rulings.get(link)?.fetch ?? false };
}
