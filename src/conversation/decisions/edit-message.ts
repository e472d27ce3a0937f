import type { CommitId } from '../../ids.ts';
import { type Decision, type DecisionState, refuse } from './decision.ts';
import { ownDeviceFile, refusalToTakePart } from './take-part.ts';

export interface EditMessage {
  readonly kind: 'edit-message';
  /** The commit that sent the text, or the reaction; never one that edited it. */
  readonly message: CommitId;
  readonly body: string;
}

/** Only the author changes what was said: rules R45 to R47. */
export function editMessage(state: DecisionState, { message, body }: EditMessage): Decision {
  const refusal = refusalToTakePart(state);
  if (refusal) return refusal;
  const said = state.said(message);
  if (!said) return refuse('unknown-message', `there is no message ${message}`);
  const { content } = said;
  const kind = content.outcome === 'known' ? content.event.kind : undefined;
  if (kind !== 'message-sent' && kind !== 'reaction-added')
    return refuse('not-editable', `${message} is neither a text nor a reaction`);
  if (said.author !== state.self.account) return refuse('not-the-author', `${message} is somebody else's`);
  if (state.isDeleted(message)) return refuse('already-deleted', `${message} is deleted`);
  if (body === '') return refuse('empty', 'the message would say nothing; delete it instead');
  return { event: { kind: 'message-edited', body, edit: message }, edits: ownDeviceFile(state) };
}
