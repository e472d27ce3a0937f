/** What a timeline is made of: one entry for everything people see, in the linearized order. */
import type { List, OrderedMap } from 'immutable';
import type { ConversationEvent } from '../../events/conversation-event.ts';
import type { WireBody } from '../../events/kinds/wire-body.ts';
import type { AccountUri, CommitId, DeviceId, Digest, FileId } from '../../ids.ts';

/** A text as one commit put it; the message's own or an edit's. */
export interface Edition {
  readonly id: CommitId;
  readonly body: string;
  /** Seconds since the Unix epoch. */
  readonly committedAt: number;
}

export interface Reaction {
  readonly id: CommitId;
  /** Absent when the commit's author cannot be told. */
  readonly author: AccountUri | undefined;
  readonly body: string;
  readonly committedAt: number;
}

/** Events that stand in the timeline by themselves, as they are; the others make, or change, one of the entries below. */
export type PlainEvent = Exclude<
  ConversationEvent,
  {
    kind:
      | 'message-sent'
      | 'reaction-added'
      | 'message-edited'
      | 'message-deleted'
      | 'file-announced'
      | 'file-deleted'
      | 'document-announced'
      | 'document-removed';
  }
>;

export type EntryContent =
  | {
      readonly kind: 'message';
      /** Its body is empty once the message is deleted. */
      readonly current: Edition;
      /** Newest superseded first; the last is the original. */
      readonly editions: List<Edition>;
      readonly replyTo: CommitId | undefined;
    }
  | {
      readonly kind: 'file';
      readonly displayName: string;
      readonly totalSize: number;
      readonly digest: Digest;
      /** Absent once the announcement is deleted. */
      readonly fileId: FileId | undefined;
      readonly replyTo: CommitId | undefined;
    }
  | {
      readonly kind: 'document';
      readonly uri: string;
      readonly displayName: string | undefined;
      readonly mimeType: string | undefined;
    }
  | { readonly kind: 'event'; readonly event: PlainEvent }
  | { readonly kind: 'unknown'; readonly type: string; readonly raw: WireBody }
  | { readonly kind: 'malformed'; readonly type: string; readonly reason: string };

export interface TimelineEntry {
  readonly id: CommitId;
  /** Place in the timeline, 0 for the oldest entry. A late commit may shift it; the id stays. */
  readonly place: number;
  readonly author: AccountUri | undefined;
  readonly device: DeviceId;
  readonly committedAt: number;
  readonly linearizedParent: CommitId | undefined;
  /** Deleted entries keep their place and lose what they held. */
  readonly isDeleted: boolean;
  readonly reactions: OrderedMap<CommitId, Reaction>;
  readonly content: EntryContent;
}
