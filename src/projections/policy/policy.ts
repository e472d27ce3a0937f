/** What this device fetches without asking the user, and how much room it gives to files. */
import type { AccountUri, ConversationId } from '../../ids.ts';
import type { LinkKind } from '../../ports.ts';
import type { FileType } from './file-type.ts';

/** The cheapest first. */
export const LINK_KINDS = ['lan', 'direct', 'relay'] as const satisfies readonly LinkKind[];

/** Every condition that is given has to hold; of a list, one entry. Without any, the rule holds for every file. */
export interface PolicyConditions {
  readonly types?: readonly FileType[];
  /** In lower case, without the dot. */
  readonly extensions?: readonly string[];
  /** Bytes. */
  readonly atLeast?: number;
  /** Bytes. */
  readonly atMost?: number;
  /** Who announced it. */
  readonly from?: readonly AccountUri[];
  readonly conversations?: readonly ConversationId[];
  /** The link to a device that may send it. */
  readonly over?: readonly LinkKind[];
}

export interface OwnRule {
  readonly when: PolicyConditions;
  readonly do: 'fetch' | 'ask';
}

/** Bytes that files may take up here: complete ones, parts, and what is under way. */
export interface Quota {
  readonly total?: number;
  readonly perConversation?: number;
  /** Instead of `perConversation`, for these. */
  readonly conversations?: Readonly<Record<ConversationId, number>>;
}

export interface Policy {
  /** Looked at in order; the first that holds decides. */
  readonly rules?: readonly OwnRule[];
  /** What is fetched when no rule holds. */
  readonly auto: 'nothing' | 'pictures' | 'all';
  /** Bytes; `AUTO_ACCEPT_PICTURE_BYTES` unless given. */
  readonly pictureBytes?: number;
  /** No bound unless given. */
  readonly quota?: Quota;
  /** Bytes of the disk that stay free, whatever is asked for; `DISK_RESERVE_BYTES` unless given. */
  readonly reserve?: number;
  /** Files that are held elsewhere make room when the quota would keep a wanted one waiting. */
  readonly evict?: boolean;
  /** Eviction may also take what no other device is known to hold. */
  readonly mayEvictLastCopy?: boolean;
  /** A file that was deleted on another device of this account goes here as well; so unless false. */
  readonly deleteOnOwnDevices?: boolean;
  /** A file that its author, somebody else, took back goes here as well; only if true. */
  readonly deleteWhenTakenBack?: boolean;
}

export const DEFAULT_POLICY: Policy = { auto: 'pictures' };

/** Whether some rule asks for the kind of link, so that rulings may differ from source to source. */
export function hasLinkRules({ rules = [] }: Policy): boolean {
  return rules.some(({ when }) => when.over !== undefined);
}

/** Bytes that files of the conversation may take up; undefined when nothing bounds them. */
export function quotaOf({ quota }: Policy, conversation: ConversationId): number | undefined {
  return quota?.conversations?.[conversation] ?? quota?.perConversation;
}
