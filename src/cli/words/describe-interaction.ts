import type { ConversationEvent } from '../../events/conversation-event.ts';
import type { Decoded } from '../../events/decode.ts';
import { humanSpan } from '../../human-span.ts';
import { never } from '../../never.ts';
import { lineText } from './clean-text.ts';
import { humanBytes, shortId } from './human.ts';

/** What a commit says, as one safe line for a person. */
export function describeInteraction(content: Decoded): string {
  switch (content.outcome) {
    case 'known':
      return lineText(describeEvent(content.event));
    case 'unknown':
      return lineText(`[${content.type}] of a type this version does not know`);
    case 'merge':
      return content.merged ? `merges ${shortId(content.merged)}` : 'merges two heads';
    case 'malformed':
      return lineText(`[${content.type || 'no type'}] malformed: ${content.reason}`);
    default:
      return never(content);
  }
}

export function describeEvent(event: ConversationEvent): string {
  switch (event.kind) {
    case 'conversation-created':
      return `made the conversation (${event.mode})`;
    case 'member-added':
      return `invited ${shortId(event.uri)}`;
    case 'member-joined':
      return `joined`;
    case 'member-left':
      return `left`;
    case 'member-banned':
      return `banned ${shortId(event.uri)}`;
    case 'member-unbanned':
      return `lifted the ban of ${shortId(event.uri)}`;
    case 'vote-cast':
      return `voted on ${shortId(event.uri)}`;
    case 'message-sent':
      return event.replyTo ? `re ${shortId(event.replyTo)}: ${event.body}` : event.body;
    case 'reaction-added':
      return `reacted to ${shortId(event.reactTo)} with ${event.body}`;
    case 'message-edited':
      return `edited ${shortId(event.edit)}: ${event.body}`;
    case 'message-deleted':
      return `deleted ${shortId(event.edit)}`;
    case 'file-announced':
      return `file ${event.displayName} (${humanBytes(event.totalSize)})`;
    case 'file-deleted':
      return `took back the file ${shortId(event.edit)}`;
    case 'call-ended':
      return `call, ${humanSpan(event.duration)}${event.reason ? ` (${event.reason})` : ''}`;
    case 'group-call-started':
      return 'started a group call';
    case 'group-call-ended':
      return `group call ended after ${humanSpan(event.duration)}`;
    case 'profile-updated':
      return "changed the conversation's profile";
    case 'document-announced':
      return `document ${event.displayName ?? event.uri}`;
    case 'document-removed':
      return `removed the document ${shortId(event.edit)}`;
    case 'checkpoint-stored':
      return 'stored a checkpoint';
    default:
      return never(event);
  }
}
