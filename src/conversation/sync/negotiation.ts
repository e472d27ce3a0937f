/**
 * How an upload-pack answers the other side's haves (gitprotocol-pack, "Packfile Negotiation"): a step machine.
 * The shell looks up whether a have is here and sends the replies.
 */
import type { CommitId } from '../../ids.ts';
import { never } from '../../never.ts';
import type { Capabilities } from './capabilities.ts';

/** How much is acknowledged: the first common commit only, each one, or each one with what it means. */
type AckMode = 'single' | 'multi' | 'detailed';

export interface Negotiation {
  readonly mode: AckMode;
  /** The last named commit that both sides have. */
  readonly lastCommon: CommitId | undefined;
}

export type NegotiationInput =
  | { readonly kind: 'have'; readonly id: CommitId; readonly isHere: boolean }
  | { readonly kind: 'flush' }
  | { readonly kind: 'done' };

export interface NegotiationStep {
  readonly negotiation: Negotiation;
  readonly replies: readonly string[];
}

export function startNegotiation(capabilities: Capabilities): Negotiation {
  const mode = capabilities.has('multi_ack_detailed') ? 'detailed' : capabilities.has('multi_ack') ? 'multi' : 'single';
  return { mode, lastCommon: undefined };
}

export function negotiate(negotiation: Negotiation, input: NegotiationInput): NegotiationStep {
  switch (input.kind) {
    case 'have':
      return input.isHere ? onCommon(negotiation, input.id) : onUnknown(negotiation, input.id);
    case 'flush':
      return { negotiation, replies: onFlush(negotiation) };
    case 'done':
      return { negotiation, replies: onDone(negotiation) };
    default:
      return never(input);
  }
}

function onCommon({ mode, lastCommon }: Negotiation, id: CommitId): NegotiationStep {
  const negotiation = { mode, lastCommon: id };
  if (mode === 'detailed') return { negotiation, replies: [`ACK ${id} common`] };
  if (mode === 'multi') return { negotiation, replies: [`ACK ${id} continue`] };
  return { negotiation, replies: lastCommon === undefined ? [`ACK ${id}`] : [] };
}

/** With one branch, a common commit is an ancestor of what is wanted: enough is known to make a pack, older haves are not needed. */
function onUnknown(negotiation: Negotiation, id: CommitId): NegotiationStep {
  if (negotiation.lastCommon === undefined || negotiation.mode === 'single') return { negotiation, replies: [] };
  return { negotiation, replies: [negotiation.mode === 'detailed' ? `ACK ${id} ready` : `ACK ${id} continue`] };
}

function onFlush({ mode, lastCommon }: Negotiation): readonly string[] {
  if (lastCommon === undefined || mode === 'multi') return ['NAK'];
  return mode === 'detailed' ? [`ACK ${lastCommon} ready`, 'NAK'] : [];
}

function onDone({ mode, lastCommon }: Negotiation): readonly string[] {
  if (lastCommon === undefined) return ['NAK'];
  // Without multi_ack, the one acknowledgement was sent with the have.
  return mode === 'single' ? [] : [`ACK ${lastCommon}`];
}
