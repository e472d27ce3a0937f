import type { AccountUri } from '../../ids.ts';
import type { Milliseconds } from '../../ports.ts';
import { type Decision, type DecisionState, type Refusal, refuse } from './decision.ts';
import { ownDeviceFile, refusalToTakePart } from './take-part.ts';

/** A call between two, told by the caller when it is over. */
export interface RecordCall {
  readonly kind: 'record-call';
  readonly to: AccountUri;
  readonly duration: Milliseconds;
  /** Why it did not come about, such as `declined` or `busy`. */
  readonly reason?: string;
}

/** A call of a group that others can join, hosted by this device. */
export interface StartCall {
  readonly kind: 'start-call';
  /** The host's name for it. */
  readonly confId: string;
}

export interface EndCall {
  readonly kind: 'end-call';
  readonly confId: string;
  readonly duration: Milliseconds;
}

/** Changes no file, as every ordinary commit. */
export function recordCall(state: DecisionState, { to, duration, reason }: RecordCall): Decision {
  const refusal = refusalToTakePart(state) ?? refusalToLast(duration);
  if (refusal) return refusal;
  if (state.membership.mode !== 'one-to-one')
    return refuse('not-one-to-one', 'a call of a group is told at its start and at its end');
  if (to === state.self.account || !state.membership.members.has(to))
    return refuse('not-one-of-the-two', `${to} is not the other one of this conversation`);
  return { event: { kind: 'call-ended', to, duration, ...(reason && { reason }) }, edits: ownDeviceFile(state) };
}

export function startCall(state: DecisionState, { confId }: StartCall): Decision {
  const refusal = refusalToTakePart(state);
  if (refusal) return refusal;
  if (confId === '') return refuse('empty', 'the call has no name');
  if (state.hostsCall(confId)) return refuse('call-running', `this device hosts the call ${confId} already`);
  const { account: uri, device } = state.self;
  return { event: { kind: 'group-call-started', confId, device, uri }, edits: ownDeviceFile(state) };
}

export function endCall(state: DecisionState, { confId, duration }: EndCall): Decision {
  const refusal = refusalToTakePart(state) ?? refusalToLast(duration);
  if (refusal) return refusal;
  if (!state.hostsCall(confId)) return refuse('unknown-call', `this device hosts no call ${confId}`);
  const { account: uri, device } = state.self;
  return { event: { kind: 'group-call-ended', confId, device, uri, duration }, edits: ownDeviceFile(state) };
}

function refusalToLast(duration: Milliseconds): Refusal | undefined {
  if (Number.isSafeInteger(duration) && duration >= 0) return undefined;
  return refuse('no-duration', `${duration} is no number of milliseconds that a call can have lasted`);
}
