/**
 * When a router is asked for a port, without any IO: `(state, input) → { state, effects }`.
 *
 * - A port that is open is asked for again at half of its lifetime, and counts as closed when that is over.
 * - What fails is tried again after a wait that doubles, somewhat by chance: not all of a house ask at the same moment.
 * - After a change of addresses everything begins anew, and answers to what was asked before are nobody's: what they opened
 *   is the new attempt's to renew, or closes by itself.
 * - What is open at the end is given back.
 */
import { backOff, jittered } from '../../back-off.ts';
import {
  MAPPING_LIFETIME_MS,
  MAPPING_RENEW_MIN_MS,
  MAPPING_RETRY_FIRST_MS,
  MAPPING_RETRY_MAX_MS,
} from '../../limits.ts';
import { never } from '../../never.ts';
import type { Milliseconds } from '../../ports.ts';
import type { Address } from '../address.ts';
import { isPublic } from '../ip-address.ts';
import type { Mapped, MappingProtocol } from './router-client.ts';

/** What came of asking. */
export interface GotPort extends Mapped {
  readonly protocol: MappingProtocol;
  readonly router: string;
  readonly internal: Address;
}

export interface OpenPort extends GotPort {
  /** Milliseconds since the Unix epoch. */
  readonly until: Milliseconds;
}

export type MappingInput =
  /** At first, and whenever this machine is at other addresses. */
  | { readonly kind: 'begin' }
  | {
      readonly kind: 'got';
      readonly attempt: number;
      readonly port: GotPort;
      readonly now: Milliseconds;
      readonly draw: number;
    }
  /** `draw` is from [0, 1). */
  | {
      readonly kind: 'failed';
      readonly attempt: number;
      readonly reason: string;
      readonly now: Milliseconds;
      readonly draw: number;
    }
  | { readonly kind: 'due'; readonly now: Milliseconds }
  | { readonly kind: 'end' };

export type MappingEffect =
  /** In place of what is being asked. */
  | { readonly kind: 'ask'; readonly attempt: number; readonly last: OpenPort | undefined }
  /** In place of any wake-up that was asked for before. */
  | { readonly kind: 'wake-after'; readonly ms: Milliseconds }
  | { readonly kind: 'give-back'; readonly port: GotPort };

export interface MappingMachineState {
  readonly phase: 'begun' | 'ended';
  /** Of asking; the answers to earlier ones come too late. */
  readonly attempt: number;
  readonly open: OpenPort | undefined;
  /** Of the last attempt, if that failed; and how many did so one after the other. */
  readonly reason: string | undefined;
  readonly failures: number;
}

export interface MappingStep {
  readonly state: MappingMachineState;
  readonly effects: readonly MappingEffect[];
}

export const MAPPING_START: MappingMachineState = {
  phase: 'begun',
  attempt: 0,
  open: undefined,
  reason: undefined,
  failures: 0,
};

export function step(state: MappingMachineState, input: MappingInput): MappingStep {
  switch (input.kind) {
    case 'begin':
      return ask({ ...state, open: undefined, reason: undefined, failures: 0 }, state.open);
    case 'due':
      return ask(stillOpen(state, input.now), state.open);
    case 'got':
      return onGot(state, input);
    case 'failed':
      return input.attempt === state.attempt ? fail(state, input) : { state, effects: [] };
    case 'end':
      return end(state);
    default:
      return never(input);
  }
}

/** The last port is a good one to ask for, although it may not be open any more. */
function ask(state: MappingMachineState, last: OpenPort | undefined): MappingStep {
  if (state.phase === 'ended') return { state, effects: [] };
  const attempt = state.attempt + 1;
  return { state: { ...state, attempt }, effects: [{ kind: 'ask', attempt, last }] };
}

function onGot(state: MappingMachineState, input: Extract<MappingInput, { kind: 'got' }>): MappingStep {
  const { attempt, port, now } = input;
  if (state.phase === 'ended') return { state, effects: [{ kind: 'give-back', port }] };
  if (attempt !== state.attempt) return { state, effects: [] };
  const reason = uselessness(port);
  if (reason !== undefined) {
    const failed = fail({ ...state, open: undefined }, { ...input, reason });
    return { state: failed.state, effects: [{ kind: 'give-back', port }, ...failed.effects] };
  }
  const lifetimeMs = Math.min(port.lifetimeMs, MAPPING_LIFETIME_MS);
  return {
    state: { ...state, open: { ...port, lifetimeMs, until: now + lifetimeMs }, reason: undefined, failures: 0 },
    effects: [{ kind: 'wake-after', ms: Math.max(MAPPING_RENEW_MIN_MS, lifetimeMs / 2) }],
  };
}

/** Why a port is of no use although the router says that it is open; undefined when it may be. */
export function uselessness({ external: { host, port }, lifetimeMs }: Mapped): string | undefined {
  if (!isPublic(host))
    return `the router is at ${host} outside, which the internet does not reach: it is behind another`;
  if (port === 0) return 'the router says that it opened port 0, which there is not';
  if (lifetimeMs < MAPPING_RENEW_MIN_MS) return 'the router closes the port again too soon';
  return undefined;
}

function fail(
  state: MappingMachineState,
  { reason, now, draw }: { readonly reason: string; readonly now: Milliseconds; readonly draw: number },
): MappingStep {
  const after = stillOpen({ ...state, reason, failures: state.failures + 1 }, now);
  const wait = retryAfter(after.failures, draw);
  const ms = after.open === undefined ? wait : Math.min(wait, after.open.until - now);
  return { state: after, effects: after.phase === 'ended' ? [] : [{ kind: 'wake-after', ms }] };
}

/** `draw`, in `[0, 1)`, says how much of the second half of the wait counts. */
export function retryAfter(failures: number, draw: number): Milliseconds {
  const wait = backOff(failures, { first: MAPPING_RETRY_FIRST_MS, longest: MAPPING_RETRY_MAX_MS });
  return Math.ceil(jittered(wait, draw));
}

function stillOpen(state: MappingMachineState, now: Milliseconds): MappingMachineState {
  return state.open !== undefined && state.open.until <= now ? { ...state, open: undefined } : state;
}

function end(state: MappingMachineState): MappingStep {
  const ended: MappingMachineState = { ...state, phase: 'ended', open: undefined };
  return { state: ended, effects: state.open === undefined ? [] : [{ kind: 'give-back', port: state.open }] };
}
