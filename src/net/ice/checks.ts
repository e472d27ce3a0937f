/** Connectivity checks (RFC 8445 §7): what is asked, and what is answered. */
import { tcpPriority } from '../signalling/candidate.ts';
import type { Credentials } from '../signalling/description.ts';
import type { StunAttributes } from '../stun/attributes.ts';
import type { DecodedStun, StunMessage } from '../stun/message.ts';
import type { AgentState, Connection } from './agent-state.ts';
import type { IceRole } from './pairs.ts';

/** Of what an end says and hears of others: its password as it is (RFC 8489 §9.1.1). */
export function keyOf({ pwd }: Credentials): Uint8Array {
  return Buffer.from(pwd);
}

type Asker = Pick<AgentState, 'role' | 'tieBreaker' | 'local'>;

export interface CheckOptions {
  readonly remote: Credentials;
  readonly transaction: string;
  readonly isNomination: boolean;
}

export function checkOf(
  { role, tieBreaker, local }: Asker,
  { remote, transaction, isNomination }: CheckOptions,
): StunMessage {
  const attributes: StunAttributes = {
    username: `${remote.ufrag}:${local.ufrag}`,
    priority: tcpPriority('prflx', 'active'),
    ...(role === 'controlling' ? { iceControlling: tieBreaker } : { iceControlled: tieBreaker }),
    ...(isNomination && { useCandidate: true as const }),
  };
  return { class: 'request', method: 'binding', transaction, attributes };
}

export type RequestVerdict =
  /** It does not know our password. */
  | { readonly kind: 'stranger' }
  | { readonly kind: 'refused'; readonly answer: StunMessage }
  /** In which role we answer: the other side may have made us change it. */
  | { readonly kind: 'answered'; readonly answer: StunMessage; readonly role: IceRole };

const UNKNOWN_ATTRIBUTE = 420;
const ROLE_CONFLICT = 487;

export function answerRequest(
  agent: Asker,
  { remote }: Pick<Connection, 'remote'>,
  request: DecodedStun,
): RequestVerdict {
  const { attributes, notUnderstood } = request;
  const isForUs = attributes.username?.startsWith(`${agent.local.ufrag}:`) ?? false;
  if (!isForUs || !request.isProvedBy(keyOf(agent.local))) return { kind: 'stranger' };
  if (notUnderstood.length > 0) {
    const errorCode = { code: UNKNOWN_ATTRIBUTE, reason: 'Unknown Attribute' };
    return { kind: 'refused', answer: replyTo(request, 'error', { errorCode, unknownAttributes: notUnderstood }) };
  }
  const role = roleAfter(agent, attributes);
  if (role === undefined) {
    const errorCode = { code: ROLE_CONFLICT, reason: 'Role Conflict' };
    return { kind: 'refused', answer: replyTo(request, 'error', { errorCode }) };
  }
  const seen = remote === undefined ? {} : { xorMappedAddress: remote };
  return { kind: 'answered', answer: replyTo(request, 'success', seen), role };
}

/** RFC 8445 §7.3.1.1. Undefined when the other side has to give way. */
function roleAfter(
  { role, tieBreaker }: Asker,
  { iceControlling, iceControlled }: StunAttributes,
): IceRole | undefined {
  if (role === 'controlling' && iceControlling !== undefined)
    return tieBreaker >= iceControlling ? undefined : 'controlled';
  if (role === 'controlled' && iceControlled !== undefined)
    return tieBreaker >= iceControlled ? 'controlling' : undefined;
  return role;
}

function replyTo(request: StunMessage, kind: 'success' | 'error', attributes: StunAttributes): StunMessage {
  return { class: kind, method: request.method, transaction: request.transaction, attributes };
}
