import type { JournalRecord } from '../../events/journal-record.ts';
import type { ConversationId } from '../../ids.ts';
import { invitationView } from '../devices/invitations.ts';
import type { ConversationsChange } from '../engine.ts';
import type { EngineParts } from '../engine-parts.ts';
import { changesOfRecords, type RecordChangeParts } from './changes-of.ts';

export type SubscribersParts = RecordChangeParts & Pick<EngineParts, 'feed' | 'live' | 'progress'>;

/** Tells subscribers what records that were written together come to, conversation by conversation. */
export function tellSubscribers(records: readonly JournalRecord[], parts: SubscribersParts): void {
  for (const record of records) if (record.kind === 'sub-transfer-ended') parts.progress.forget(record);
  if (!parts.feed.isRead()) return;
  for (const [id, some] of byConversation(records)) {
    const conversation = parts.live.get(id);
    const changes = conversation ? changesOfRecords(some, conversation, parts) : some.flatMap(invitationIn);
    for (const change of changes) parts.feed.publish({ conversation: id, change });
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
