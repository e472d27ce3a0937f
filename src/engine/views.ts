/** What an engine shows of conversations, files and invitations: values that do not change after they were given. */
import type { Mode } from '../events/kinds/conversation-created.ts';
import type { AccountUri, CommitId, ConversationId, DeviceId, FileId } from '../ids.ts';
import type { WaitingFile } from '../projections/plan/waiting-files.ts';
import type { Giving, HoldersView, WhyDevice } from '../projections/plan/why.ts';
import type { PolicyRule } from '../projections/policy/rule.ts';
import type { BanView } from './conversations/ban-view.ts';

/** A file that is missing here, and what it waits for. Sizes in bytes. */
export interface WaitingView {
  readonly conversation: ConversationId;
  readonly interaction: CommitId;
  readonly fileId: FileId;
  readonly displayName: string;
  readonly totalSize: number;
  readonly state: 'missing' | 'partial' | 'corrupt';
  /** How many lie here in its place; while it comes in, how many have arrived. */
  readonly bytes: number;
  /** The rule of the policy that decides whether it is fetched unasked. */
  readonly rule: PolicyRule;
  readonly holders: HoldersView;
  readonly waitsFor: WaitingFile['waitsFor'];
  /** The same as a sentence. */
  readonly says: string;
}

/** All that decides about the fetching of one file. Times in milliseconds since the Unix epoch, sizes in bytes. */
export interface WhyView {
  /** When it was looked at. */
  readonly now: number;
  readonly conversation: ConversationId;
  readonly interaction: CommitId;
  readonly fileId: FileId;
  readonly displayName: string;
  readonly totalSize: number;
  readonly state: WaitingView['state'] | 'complete' | 'deleted';
  /** These three while it is missing: the rule that decides, the plan's step, and that as a sentence. */
  readonly rule?: PolicyRule;
  readonly waitsFor?: WaitingFile['waitsFor'];
  readonly says?: string;
  /** Who gets it from here, where it is here; and as a sentence, where that is nobody. */
  readonly giving?: Giving & { readonly says?: string };
  /** Set while this account, or this device, is banned: then nobody gives it anything. */
  readonly ban?: BanView;
  readonly holders: HoldersView;
  /** With what came of the last try in words. */
  readonly devices: readonly (WhyDevice & { readonly lastTrySays?: string })[];
}

export interface ConversationSummary {
  readonly conversation: ConversationId;
  readonly mode: Mode;
  readonly title: string | undefined;
  /** Admins and members; invited ones do not count. */
  readonly members: number;
  /** Commits, merges included. */
  readonly interactions: number;
  /** Announced files that are not complete here. */
  readonly missing: number;
  readonly head: CommitId;
  /** Set while this account, or this device, is banned. */
  readonly ban?: BanView;
}

export interface InvitationView {
  readonly conversation: ConversationId;
  readonly from: AccountUri;
  readonly mode: Mode;
  readonly title: string | undefined;
}

/** How the fetching of one file ended, or what it waits for. `bytes` lie here in the end. */
export interface FetchOutcome {
  readonly interaction: CommitId;
  readonly fileId: FileId;
  readonly displayName: string;
  readonly outcome: 'complete' | 'waiting' | 'deleted' | 'cancelled' | 'refused' | 'paused';
  readonly bytes: number;
  readonly totalSize: number;
  /** SHA3-512 in hex, as announced. */
  readonly sha3sum: string;
  /** The devices it came from, this time. */
  readonly from: readonly DeviceId[];
  /** For `waiting`: what it waits for, in words. */
  readonly waitsFor?: string;
  /** For `waiting`. */
  readonly holders?: HoldersView;
}
