/**
 * `text/plain` and the older `application/edited-message`: messages, replies, reactions, edits, deletions
 * (docs/format.md, "Commit messages").
 */
import * as z from 'zod';
import { CommitId } from '../../ids.ts';
import { never } from '../../never.ts';
import { type WireBody, wireCommitId } from './wire-body.ts';

export const MessageSent = z.object({
  kind: z.literal('message-sent'),
  body: z.string(),
  replyTo: CommitId.optional(),
});
export const ReactionAdded = z.object({ kind: z.literal('reaction-added'), body: z.string(), reactTo: CommitId });
/** The edit of an own message or reaction; `edit` is the original commit, also for the second edit. */
export const MessageEdited = z.object({ kind: z.literal('message-edited'), body: z.string().min(1), edit: CommitId });
/** An edit with an empty body takes the message, or the reaction, back. */
export const MessageDeleted = z.object({ kind: z.literal('message-deleted'), edit: CommitId });

export const MessageEvent = z.discriminatedUnion('kind', [MessageSent, ReactionAdded, MessageEdited, MessageDeleted]);
export type MessageEvent = z.infer<typeof MessageEvent>;

const Text = z.object({
  type: z.literal('text/plain'),
  body: z.string().default(''),
  'reply-to': wireCommitId,
  'react-to': wireCommitId,
  edit: wireCommitId,
});
/** Written until 2024; it is nothing but an edit. */
const OlderEdit = Text.extend({ type: z.literal('application/edited-message'), edit: CommitId });
const Wire = z.discriminatedUnion('type', [Text, OlderEdit]);

/**
 * A body with more than one of the three references counts as a reaction first, then as an edit, as the format's other
 * readers take it.
 */
export function messageFromWire(raw: WireBody): MessageEvent {
  const { body, edit, 'reply-to': replyTo, 'react-to': reactTo } = Wire.parse(raw);
  if (reactTo) return { kind: 'reaction-added', body, reactTo };
  if (edit) return body === '' ? { kind: 'message-deleted', edit } : { kind: 'message-edited', body, edit };
  return { kind: 'message-sent', body, ...(replyTo && { replyTo }) };
}

export function messageToWire(event: MessageEvent): WireBody {
  const type = 'text/plain';
  switch (event.kind) {
    case 'message-sent':
      return { type, body: event.body, ...(event.replyTo && { 'reply-to': event.replyTo }) };
    case 'reaction-added':
      return { type, body: event.body, 'react-to': event.reactTo };
    case 'message-edited':
      return { type, body: event.body, edit: event.edit };
    case 'message-deleted':
      return { type, body: '', edit: event.edit };
    default:
      return never(event);
  }
}
