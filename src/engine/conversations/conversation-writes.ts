import type { ConversationProfile } from '../../conversation/profile-card.ts';
import type { Target } from '../../conversation/tree-path.ts';
import type { Interaction } from '../../events/interaction.ts';
import type { AccountUri, CommitId } from '../../ids.ts';
import type { Milliseconds } from '../../ports.ts';

/** What a member can commit to a conversation, but for files. All throw REFUSED when its state does not allow it. */
export interface ConversationWrites {
  /** `replyTo` is the original message, also when it was edited since. */
  send(text: string, options?: { readonly replyTo?: CommitId }): Promise<Interaction>;
  /** Changes an own text or reaction, for everybody. */
  edit(message: CommitId, text: string): Promise<Interaction>;
  /**
   * Deletes an own text, reaction or file for everybody. The bytes of a file are removed here, as far as the other
   * devices' policies say so there, and nobody is served with it any more.
   */
  delete(message: CommitId): Promise<Interaction>;
  /** `reaction` is mostly one emoji. */
  react(message: CommitId, reaction: string): Promise<Interaction>;
  /** Any member may, but where the conversation's mode leaves that to admins. */
  invite(account: AccountUri): Promise<Interaction>;
  /**
   * Votes for the ban of a member, an invited account, or a single device, and bans it once more than half of the admins
   * have. Links to whoever is welcome nowhere else are cut in the same turn.
   */
  ban(target: Target): Promise<VoteOutcome>;
  /** As `ban`, for the end of it. An unbanned member is at once what it was before. */
  unban(target: Target): Promise<VoteOutcome>;
  /** What was said stays here to be read; nothing more comes. */
  leave(): Promise<Interaction>;
  /** Changes what is given and keeps the rest. For admins. */
  updateProfile(changes: ConversationProfile): Promise<Interaction>;
  /** Tells of a call between two, once it is over. */
  recordCall(call: RecordedCall): Promise<Interaction>;
  /** Tells of a call of a group that this device hosts under a name of its own. */
  startCall(confId: string): Promise<Interaction>;
  endCall(confId: string, duration: Milliseconds): Promise<Interaction>;
}

export interface RecordedCall {
  readonly to: AccountUri;
  readonly duration: Milliseconds;
  /** Why it did not come about, such as `declined` or `busy`. */
  readonly reason?: string;
}

/** How a vote stands after our part in it. */
export type VoteOutcome =
  /** More than half of the admins have voted for it, and it is done. */
  | { readonly outcome: 'banned' | 'unbanned'; readonly interaction: Interaction }
  /** Our vote is cast; the others are waited for. Whoever casts the last one that is needed, or asks again, carries it out. */
  | { readonly outcome: 'voted'; readonly votes: number; readonly admins: number };
