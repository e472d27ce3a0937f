import { AUTO_ACCEPT_PICTURE_BYTES } from '../../limits.ts';
import type { LinkKind } from '../../ports.ts';
import type { FileAnnouncement } from '../files.ts';
import type { FileRecord } from '../journal/file-record.ts';
import { fileTypeOf, lowerExtensionOf } from './file-type.ts';
import { LINK_KINDS, type OwnRule, type Policy, type PolicyConditions } from './policy.ts';
import { diskShortage, quotaShortage } from './room.ts';
import type { Subject } from './subject.ts';

/**
 * What each rule says, for people. They are looked at in this order, but for the last two, which can hold back what
 * another one wants.
 */
export const POLICY_RULES = {
  deleted: 'its message was deleted',
  cancelled: 'you cancelled it',
  refused: 'you refused it',
  paused: 'you paused it',
  evicted: 'it was removed here to make room',
  accepted: 'you asked for it',
  'lost-here': 'it was here, at least in part, and is to be whole again',
  'own-rule': 'a rule of your policy decides',
  'auto-all': 'everything is fetched',
  'auto-nothing': 'nothing is fetched without you asking for it',
  'not-a-picture': 'only pictures are fetched without you asking for it',
  'picture-too-big': 'the picture is too big to be fetched without you asking for it',
  'small-picture': 'pictures of this size are fetched',
  'over-quota': 'it does not fit into the quota',
  'disk-reserve': 'the disk would be left with less than its reserve',
} as const;

export type PolicyRule = keyof typeof POLICY_RULES;

export interface Ruling {
  readonly fetch: boolean;
  readonly rule: PolicyRule;
  /** Which of the user's rules, from 0; there for `own-rule` only. */
  readonly index?: number;
  /** The same as a sentence, without its full stop. */
  readonly says: string;
}

/**
 * Whether a file that is missing here is to be fetched, and which rule decided. The user's word comes first, then the
 * user's rules, then `auto`. The quota holds back what nobody asked for; the reserve of the disk holds back everything.
 */
export function rule(policy: Policy, subject: Subject): Ruling {
  const ruling = ruleOfUser(subject) ?? ruleOfRules(policy, subject) ?? ruleOfAuto(policy, subject.file);
  const shortage = ruling.fetch ? shortageOf(policy, subject, ruling.rule) : undefined;
  return shortage ? ruled(shortage, false) : ruling;
}

function ruleOfUser({ file, record }: Subject): Ruling | undefined {
  if (file.isDeleted) return ruled('deleted', false);
  const wish = record?.wish;
  // To accept it is to want it back: what is still removed was accepted before that, and would be removed again.
  const isRemoved = record?.removed === 'evicted';
  if (isRemoved && (wish === undefined || wish === 'accepted')) return ruled('evicted', false);
  if (wish !== undefined) return ruled(wish, wish === 'accepted');
  return record && wasHere(record) ? ruled('lost-here', true) : undefined;
}

/** Somebody wanted these bytes once: the file was complete here, or a part or a damaged copy of it is. */
function wasHere({ wasVerified, presence }: FileRecord): boolean {
  return wasVerified || (presence.kind === 'lacking' && presence.state !== 'missing');
}

function ruleOfRules({ rules = [] }: Policy, subject: Subject): Ruling | undefined {
  const index = rules.findIndex((own) => holds(own, subject));
  const found = rules[index];
  if (!found) return undefined;
  const says = `rule ${index + 1} of your policy says ${found.do}`;
  return { fetch: found.do === 'fetch', rule: 'own-rule', index, says };
}

function holds({ when, do: wanted }: OwnRule, { conversation, file, link }: Subject): boolean {
  const { atLeast = 0, atMost = Number.POSITIVE_INFINITY } = when;
  const type = fileTypeOf(file.displayName);
  return (
    file.totalSize >= atLeast &&
    file.totalSize <= atMost &&
    (when.types === undefined || (type !== undefined && when.types.includes(type))) &&
    (when.extensions?.includes(lowerExtensionOf(file.displayName)) ?? true) &&
    (when.from?.includes(file.author) ?? true) &&
    (when.conversations?.includes(conversation) ?? true) &&
    holdsOver(when.over, link, wanted)
  );
}

/** While no device is linked it may be any kind of link: what is to be asked about over one of them waits for the user. */
function holdsOver(over: PolicyConditions['over'], link: LinkKind | undefined, wanted: OwnRule['do']): boolean {
  if (over === undefined) return true;
  if (link !== undefined) return over.includes(link);
  return wanted === 'ask' || LINK_KINDS.every((kind) => over.includes(kind));
}

function ruleOfAuto({ auto, pictureBytes = AUTO_ACCEPT_PICTURE_BYTES }: Policy, file: FileAnnouncement): Ruling {
  if (auto === 'all') return ruled('auto-all', true);
  if (auto === 'nothing') return ruled('auto-nothing', false);
  if (fileTypeOf(file.displayName) !== 'picture') return ruled('not-a-picture', false);
  return file.totalSize <= pictureBytes ? ruled('small-picture', true) : ruled('picture-too-big', false);
}

/** What holds back a file that a rule wants. The user may go beyond the quota, but nobody below the reserve. */
export function shortageOf(
  policy: Policy,
  subject: Subject,
  wantedBy: PolicyRule,
): 'over-quota' | 'disk-reserve' | undefined {
  const { room } = subject;
  if (!room) return undefined;
  if (diskShortage(policy, { ...subject, room })) return 'disk-reserve';
  return wantedBy !== 'accepted' && quotaShortage(policy, { ...subject, room }) ? 'over-quota' : undefined;
}

function ruled(id: PolicyRule, fetch: boolean): Ruling {
  return { fetch, rule: id, says: POLICY_RULES[id] };
}
