import type { JournalRecord } from '../../events/journal-record.ts';
import type { ConversationId } from '../../ids.ts';
import { invitationView } from '../devices/invitations.ts';
import type { ConversationsChange } from '../engine.ts';
import type { EngineParts } from '../engine-parts.ts';
import type { TransferNews } from '../files/progress/transfer-news.ts';
import { changesOfRecords, type RecordChangeParts } from './changes-of.ts';
import type { LiveConversation } from './live-conversation.ts';

export interface SubscribersParts extends RecordChangeParts, Pick<EngineParts, 'feed' | 'live' | 'progress'> {
  readonly news: Pick<TransferNews, 'changed'>;
}

/** Tells subscribers what records that were written together come to, conversation by conversation. */
export function tellSubscribers(records: readonly JournalRecord[], parts: SubscribersParts): void {
  for (const record of records) forgetWhatIsOver(record, parts);
  if (!parts.feed.isRead()) return;
  for (const [id, some] of byConversation(records)) {
    const conversation = parts.live.get(id);
    if (conversation) tellOf(conversation, some, parts);
    else for (const change of some.flatMap(invitationIn)) parts.feed.publish({ conversation: id, change });
  }
}

function forgetWhatIsOver(record: JournalRecord, { progress }: Pick<SubscribersParts, 'progress'>): void {
  if (record.kind === 'sub-transfer-ended') progress.forget(record);
  if (record.kind === 'file-verified' || record.kind === 'file-removed') progress.forgetFile(record.interaction);
}

function tellOf(conversation: LiveConversation, records: readonly JournalRecord[], parts: SubscribersParts): void {
  const { id } = conversation;
  for (const change of changesOfRecords(records, conversation, parts)) {
    if (change.kind !== 'transfer-changed') parts.feed.publish({ conversation: id, change });
    else parts.news.changed({ conversation: id, interaction: change.interaction }, change.direction);
  }
}

/** Of a conversation that is not here nothing else is told. */
function invitationIn(record: JournalRecord): readonly ConversationsChange[] {
  return record.kind === 'invitation-received' ? [{ kind: 'invitation', invitation: invitationView(record) }] : [];
}

/** That a device was seen, or revoked, belongs to none. */
function byConversation(records: readonly JournalRecord[]): ReadonlyMap<ConversationId, readonly JournalRecord[]> {
  const groups = new Map<ConversationId, JournalRecord[]>();
  for (const record of records) {
    if (!('conversation' in record)) continue;
    const group = groups.get(record.conversation) ?? [];
    group.push(record);
    groups.set(record.conversation, group);
  }
  return groups;
}
