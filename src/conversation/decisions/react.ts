import type { CommitId } from '../../ids.ts';
import { type Decision, type DecisionState, refuse } from './decision.ts';
import { ownDeviceFile, refusalToReferTo, refusalToTakePart } from './take-part.ts';

export interface React {
  readonly kind: 'react';
  /** The original message, also when it was edited since. */
  readonly message: CommitId;
  /** Mostly one emoji. */
  readonly body: string;
}

/** Any member may react to anything that people see, any number of times. */
export function react(state: DecisionState, { message, body }: React): Decision {
  const refusal = refusalToTakePart(state) ?? refusalToReferTo(state, message);
  if (refusal) return refusal;
  if (state.isDeleted(message)) return refuse('already-deleted', `${message} is deleted`);
  if (body === '') return refuse('empty', 'the reaction says nothing');
  return { event: { kind: 'reaction-added', body, reactTo: message }, edits: ownDeviceFile(state) };
}
