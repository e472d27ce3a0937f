/**
 * The rules of one channel, without any IO: `(state, input) → { state, effects }`.
 *
 * Invariants:
 * - Nothing is sent beyond the credit the other side granted; who sends beyond ours breaks the protocol.
 * - A message costs its bytes and a fixed overhead, so that a flood of empty messages runs out of credit as well.
 * - Credit goes back when a message is *read*, not when it arrives.
 * - Nothing comes after an end marker. `end-ack` says that everything before it was read.
 * - After `closed` nothing happens any more: frames that were under way are ignored.
 */
import { CHANNEL_MESSAGE_BYTES, CHANNEL_WINDOW_BYTES } from '../../limits.ts';
import { never } from '../../never.ts';
import type { ChannelFrame } from './frame.ts';

/** What holding one message costs beyond its bytes. */
const MESSAGE_OVERHEAD = 64;
/** Credit goes back in portions: fewer frames, and a sender that never has to wait for the next one. */
const CREDIT_PORTION = CHANNEL_WINDOW_BYTES / 4;

export function costOf(bytes: Uint8Array): number {
  return bytes.byteLength + MESSAGE_OVERHEAD;
}

/** A direction's way from open to an end that is known to both sides. */
type Direction = 'open' | 'ended' | 'acknowledged';

export interface ChannelState {
  readonly id: number;
  readonly phase: 'opening' | 'open' | 'closed';
  /** What may still be sent. */
  readonly credit: number;
  /** What the other side may still send. */
  readonly granted: number;
  /** What was read and not granted again yet. */
  readonly unreturned: number;
  readonly sending: Direction;
  readonly receiving: Direction;
}

export type ChannelInput =
  | { readonly kind: 'received'; readonly frame: Exclude<ChannelFrame, { kind: 'open' }> }
  /** The reader took a message of this cost. */
  | { readonly kind: 'read'; readonly cost: number }
  /** The reader came to the end marker. */
  | { readonly kind: 'read-to-end' }
  /** The caller checked `maySend`. */
  | { readonly kind: 'send'; readonly bytes: Uint8Array }
  | { readonly kind: 'end' }
  | { readonly kind: 'close'; readonly reason: string }
  | { readonly kind: 'link-lost'; readonly reason: string };

export type ChannelEffect =
  | { readonly kind: 'send'; readonly frame: ChannelFrame }
  | { readonly kind: 'opened' }
  | { readonly kind: 'declined'; readonly reason: string }
  | { readonly kind: 'deliver'; readonly bytes: Uint8Array }
  | { readonly kind: 'deliver-end' }
  | { readonly kind: 'credit-grew' }
  | { readonly kind: 'end-acknowledged' }
  | { readonly kind: 'closed'; readonly reason: string }
  /** The peer broke a rule; that costs its link. */
  | { readonly kind: 'broken'; readonly detail: string };

export interface ChannelStep {
  readonly state: ChannelState;
  readonly effects: readonly ChannelEffect[];
}

/** A channel we ask for. */
export function openingChannel(id: number): ChannelState {
  return { ...FRESH, id, phase: 'opening', credit: 0 };
}

/** A channel the peer asked for and we accept. */
export function acceptedChannel(id: number, window: number): ChannelState {
  return { ...FRESH, id, phase: 'open', credit: window };
}

const FRESH = {
  granted: CHANNEL_WINDOW_BYTES,
  unreturned: 0,
  sending: 'open',
  receiving: 'open',
} as const;

export function maySend(state: ChannelState, bytes: Uint8Array): boolean {
  return state.phase === 'open' && state.sending === 'open' && state.credit >= costOf(bytes);
}

/** Both sides know that both directions are at their end: the channel needs no reset. */
export function isSpent(state: ChannelState): boolean {
  return state.sending === 'acknowledged' && state.receiving === 'acknowledged';
}

export function step(state: ChannelState, input: ChannelInput): ChannelStep {
  if (state.phase === 'closed') return { state, effects: [] };
  switch (input.kind) {
    case 'received':
      return onFrame(state, input.frame);
    case 'read':
      return onRead(state, input.cost);
    case 'read-to-end':
      return move({ ...state, receiving: 'acknowledged' }, send({ kind: 'end-ack', channel: state.id }));
    case 'send':
      return move(
        { ...state, credit: state.credit - costOf(input.bytes) },
        send({ kind: 'data', channel: state.id, bytes: input.bytes }),
      );
    case 'end':
      if (state.sending !== 'open') return { state, effects: [] };
      return move({ ...state, sending: 'ended' }, send({ kind: 'end', channel: state.id }));
    case 'close':
      return close(state, input.reason, !isSpent(state));
    case 'link-lost':
      return close(state, input.reason, false);
    default:
      return never(input);
  }
}

function onFrame(state: ChannelState, frame: Exclude<ChannelFrame, { kind: 'open' }>): ChannelStep {
  switch (frame.kind) {
    case 'accept':
      return onAccept(state, frame.window);
    case 'decline':
      if (state.phase !== 'opening') return broken(state, 'declined a channel that is open');
      return move({ ...state, phase: 'closed' }, { kind: 'declined', reason: frame.reason });
    case 'data':
      return onData(state, frame.bytes);
    case 'credit':
      if (state.phase !== 'open') return broken(state, 'gave credit before accepting');
      return move({ ...state, credit: state.credit + frame.units }, { kind: 'credit-grew' });
    case 'end':
      if (state.phase !== 'open' || state.receiving !== 'open') return broken(state, 'a second end marker');
      return move({ ...state, receiving: 'ended' }, { kind: 'deliver-end' });
    case 'end-ack':
      if (state.sending !== 'ended') return broken(state, 'acknowledged an end that was not sent');
      return move({ ...state, sending: 'acknowledged' }, { kind: 'end-acknowledged' });
    case 'reset':
      return move({ ...state, phase: 'closed' }, { kind: 'closed', reason: frame.reason });
    default:
      return never(frame);
  }
}

function onAccept(state: ChannelState, window: number): ChannelStep {
  if (state.phase !== 'opening') return broken(state, 'accepted a channel twice');
  // A smaller window would leave a message of the full size waiting for ever.
  if (window < CHANNEL_MESSAGE_BYTES + MESSAGE_OVERHEAD) return broken(state, `a window of ${window} bytes`);
  return move({ ...state, phase: 'open', credit: window }, { kind: 'opened' });
}

function onData(state: ChannelState, bytes: Uint8Array): ChannelStep {
  if (state.phase !== 'open') return broken(state, 'sent data before accepting');
  if (state.receiving !== 'open') return broken(state, 'sent data after the end marker');
  const cost = costOf(bytes);
  if (cost > state.granted) return broken(state, 'sent more than it had credit for');
  return move({ ...state, granted: state.granted - cost }, { kind: 'deliver', bytes });
}

function onRead(state: ChannelState, cost: number): ChannelStep {
  const unreturned = state.unreturned + cost;
  if (unreturned < CREDIT_PORTION || state.receiving !== 'open')
    return { state: { ...state, unreturned }, effects: [] };
  return move(
    { ...state, unreturned: 0, granted: state.granted + unreturned },
    send({ kind: 'credit', channel: state.id, units: unreturned }),
  );
}

function close(state: ChannelState, reason: string, tellPeer: boolean): ChannelStep {
  const reset = send({ kind: 'reset', channel: state.id, reason });
  return move({ ...state, phase: 'closed' }, ...(tellPeer ? [reset] : []), { kind: 'closed', reason });
}

function broken(state: ChannelState, detail: string): ChannelStep {
  return { state: { ...state, phase: 'closed' }, effects: [{ kind: 'broken', detail }] };
}

function send(frame: ChannelFrame): ChannelEffect {
  return { kind: 'send', frame };
}

function move(state: ChannelState, ...effects: ChannelEffect[]): ChannelStep {
  return { state, effects };
}
