import type { CommitId } from '../../ids.ts';
import { type Decision, type DecisionState, refuse } from './decision.ts';
import { ownDeviceFile, refusalToReply, refusalToTakePart } from './take-part.ts';

export interface SendText {
  readonly kind: 'send-text';
  readonly body: string;
  /** The original message, also when it was edited since. */
  readonly replyTo?: CommitId;
}

export function sendText(state: DecisionState, { body, replyTo }: SendText): Decision {
  const refusal = refusalToTakePart(state) ?? refusalToReply(state, replyTo);
  if (refusal) return refusal;
  if (body === '') return refuse('empty', 'the message says nothing');
  return { event: { kind: 'message-sent', body, ...(replyTo && { replyTo }) }, edits: ownDeviceFile(state) };
}
