import type { CommitId } from '../ids.ts';
import { never } from '../never.ts';
import { canonicalJson } from './canonical-json.ts';
import type { ConversationEvent } from './conversation-event.ts';
import { callToWire } from './kinds/call.ts';
import { conversationCreatedToWire } from './kinds/conversation-created.ts';
import { documentToWire } from './kinds/document.ts';
import { fileToWire } from './kinds/file.ts';
import { membershipToWire } from './kinds/membership.ts';
import { messageToWire } from './kinds/message.ts';
import { profileToWire } from './kinds/profile.ts';
import type { WireBody } from './kinds/wire-body.ts';

/** The text of the commit that records the event: canonical JSON, no newline at the end. `decode` is its inverse. */
export function encode(event: ConversationEvent): string {
  return canonicalJson(toWire(event));
}

/** The text of a merge commit (docs/format.md, "Merges"). */
export function encodeMerge(merged: CommitId): string {
  return `Merge commit '${merged}'`;
}

function toWire(event: ConversationEvent): WireBody {
  switch (event.kind) {
    case 'conversation-created':
      return conversationCreatedToWire(event);
    case 'member-added':
    case 'member-joined':
    case 'member-left':
    case 'member-banned':
    case 'member-unbanned':
    case 'vote-cast':
      return membershipToWire(event);
    case 'message-sent':
    case 'reaction-added':
    case 'message-edited':
    case 'message-deleted':
      return messageToWire(event);
    case 'file-announced':
    case 'file-deleted':
      return fileToWire(event);
    case 'call-ended':
    case 'group-call-started':
    case 'group-call-ended':
      return callToWire(event);
    case 'profile-updated':
      return profileToWire();
    case 'document-announced':
    case 'document-removed':
    case 'checkpoint-stored':
      return documentToWire(event);
    default:
      return never(event);
  }
}
