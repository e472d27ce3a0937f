import type { RecordOf } from '../../events/journal-record.ts';
import type { AccountUri, CommitId, ConversationId } from '../../ids.ts';
import type { JournalState } from '../../projections/journal/journal-state.ts';
import type { LiveConversation } from './live-conversation.ts';

/** An admin has banned this account, or this device: so says a commit with the admin's signature that is not in the log here. */
export interface BanView {
  readonly conversation: ConversationId;
  readonly by: AccountUri;
  readonly commit: CommitId;
  /** When this device heard of it, in milliseconds since the Unix epoch. */
  readonly at: number;
}

/** Who is let in again gets the log that holds the ban, and its end: from then on the log tells. */
export function holdingBan(
  { id, has }: Pick<LiveConversation, 'id' | 'has'>,
  { bans }: Pick<JournalState, 'bans'>,
): BanView | undefined {
  const ban = bans.get(id);
  if (!ban || has(ban.commit)) return undefined;
  return banView(ban);
}

export function banView({ conversation, by, commit, at }: RecordOf<'ban-told'>): BanView {
  return { conversation, by, commit, at };
}

export function holdingBans(
  live: ReadonlyMap<ConversationId, LiveConversation>,
  state: Pick<JournalState, 'bans'>,
): readonly BanView[] {
  return [...live.values()].flatMap((conversation) => holdingBan(conversation, state) ?? []);
}
