import type { AccountUri, CommitId, ConversationId, FileId } from '../../ids.ts';
import { DISK_RESERVE_BYTES } from '../../limits.ts';
import type { LinkKind } from '../../ports.ts';
import { type FileType, fileTypeOf } from './file-type.ts';
import { LINK_KINDS, type OwnRule, type Policy, quotaOf } from './policy.ts';
import { quotaShortage, taken, takenIn } from './room.ts';
import { type PolicyRule, rule } from './rule.ts';
import { ruleOverLinks } from './rule-over-links.ts';
import type { Room, Subject } from './subject.ts';

/** Which rule decides on a file, and the values that it looked at. Sizes in bytes. */
export interface PolicyExplanation {
  readonly conversation: ConversationId;
  readonly interaction: CommitId;
  readonly fileId: FileId;
  readonly displayName: string;
  readonly totalSize: number;
  /** By its name; absent when that tells none. */
  readonly type?: FileType;
  /** Who announced it. */
  readonly from: AccountUri;
  /** It is complete here: nothing is to be decided until it is lost. */
  readonly isHere: boolean;
  readonly fetch: boolean;
  readonly rule: PolicyRule;
  /** The same as a sentence, without its full stop. */
  readonly says: string;
  /** For `own-rule`: the rule itself, and its place among the user's rules, from 1. */
  readonly ownRule?: OwnRule & { readonly place: number };
  /** What the ruling is over each kind of link, and `unlinked` while there is none to a device that could send it. */
  readonly over: Readonly<Record<LinkKind | 'unlinked', { readonly fetch: boolean; readonly rule: PolicyRule }>>;
  /** The kinds of links there are now to devices that could send it. */
  readonly links: readonly LinkKind[];
  readonly quota: { readonly conversation: Share; readonly total: Share };
  readonly disk: {
    /** Absent while nobody has looked. */
    readonly free?: number;
    readonly reserve: number;
    /** Bytes that are under way and will take up some of it. */
    readonly coming: number;
  };
}

export interface Share {
  readonly held: number;
  /** Absent when nothing bounds it. */
  readonly limit?: number;
}

export function explainPolicy(
  policy: Policy,
  subject: Omit<Subject, 'link'> & { readonly room: Room },
  links: ReadonlySet<LinkKind>,
): PolicyExplanation {
  const { conversation, file, record, room } = subject;
  const { interaction, fileId, displayName, totalSize, author: from } = file;
  const { ruling } = ruleOverLinks(policy, subject, links);
  const type = fileTypeOf(displayName);
  const ownRule = ruling.index === undefined ? undefined : policy.rules?.[ruling.index];
  return {
    ...{ conversation, interaction, fileId, displayName, totalSize, from },
    ...(type && { type }),
    isHere: record?.presence.kind === 'verified',
    ...{ fetch: ruling.fetch, rule: ruling.rule },
    says: ruling.rule === 'over-quota' ? `${ruling.says} of ${tooSmallQuota(policy, subject)}` : ruling.says,
    ...(ownRule && { ownRule: { ...ownRule, place: (ruling.index ?? 0) + 1 } }),
    over: {
      lan: overLink('lan'),
      direct: overLink('direct'),
      relay: overLink('relay'),
      unlinked: overLink(undefined),
    },
    links: LINK_KINDS.filter((kind) => links.has(kind)),
    quota: {
      conversation: shareOf(takenIn(room, conversation), quotaOf(policy, conversation)),
      total: shareOf(taken(room), policy.quota?.total),
    },
    disk: {
      ...(room.free !== undefined && { free: room.free }),
      reserve: policy.reserve ?? DISK_RESERVE_BYTES,
      coming: room.claims.total,
    },
  };

  function overLink(link: LinkKind | undefined) {
    const { fetch, rule: id } = rule(policy, { ...subject, link });
    return { fetch, rule: id };
  }
}

function tooSmallQuota(policy: Policy, subject: Parameters<typeof quotaShortage>[1]): string {
  return quotaShortage(policy, subject)?.of === 'total' ? 'all files' : 'this conversation';
}

function shareOf(held: number, limit: number | undefined): Share {
  return { held, ...(limit !== undefined && { limit }) };
}
