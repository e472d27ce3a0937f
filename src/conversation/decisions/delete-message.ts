import type { ConversationEvent } from '../../events/conversation-event.ts';
import type { Decoded } from '../../events/decode.ts';
import type { CommitId } from '../../ids.ts';
import { type Decision, type DecisionState, refuse } from './decision.ts';
import { ownDeviceFile, refusalToTakePart } from './take-part.ts';

export interface DeleteMessage {
  readonly kind: 'delete-message';
  /** The commit that sent the text, or announced the file; never one that edited it. */
  readonly message: CommitId;
}

/** Only the author takes back what was said: rules R45 to R47. */
export function deleteMessage(state: DecisionState, { message }: DeleteMessage): Decision {
  const refusal = refusalToTakePart(state);
  if (refusal) return refusal;
  const said = state.said(message);
  if (!said) return refuse('unknown-message', `there is no message ${message}`);
  const event = deletionOf(message, said.content);
  if (!event) return refuse('not-deletable', `${message} is neither a text nor a file`);
  if (said.author !== state.self.account) return refuse('not-the-author', `${message} is somebody else's`);
  if (state.isDeleted(message)) return refuse('already-deleted', `${message} is deleted already`);
  return { event, edits: ownDeviceFile(state) };
}

function deletionOf(message: CommitId, content: Decoded): ConversationEvent | undefined {
  if (content.outcome !== 'known') return undefined;
  switch (content.event.kind) {
    case 'file-announced':
      return { kind: 'file-deleted', edit: message };
    case 'message-sent':
    case 'reaction-added':
      return { kind: 'message-deleted', edit: message };
    default:
      return undefined;
  }
}
