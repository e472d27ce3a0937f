/**
 * The answerer's side of getting a link, without any IO: `(state, input) → { state, effects }`.
 *
 * Invariants:
 * - Each kind of path is answered once; repeated ids and second offers of a kind change nothing.
 * - The answerer never nominates: it keeps every path alive until the dialer chose one, or the time is up.
 * - Nothing happens after `finish`.
 */
import { CONNECT_BACK_MS } from '../../limits.ts';
import { never } from '../../never.ts';
import type { PathKind } from '../net.ts';
import type { Description } from './description.ts';
import { type Patience, QUICK } from './patience.ts';
import type { SharedEffect } from './shared-effects.ts';
import type { Signal } from './signal.ts';

export type AnswerInput =
  | { readonly kind: 'begin' }
  | { readonly kind: 'received'; readonly signal: Signal }
  | { readonly kind: 'described'; readonly path: PathKind; readonly description: Description }
  | { readonly kind: 'path-failed'; readonly path: PathKind; readonly reason: string }
  /** The dialer chose the path, and we agreed. */
  | { readonly kind: 'agreed'; readonly path: PathKind }
  /** A link to the device came up another way. */
  | { readonly kind: 'superseded' }
  | { readonly kind: 'woken'; readonly timer: AnswerTimer };

export type AnswerTimer = 'session' | PathKind;

export type AnswerEffect =
  | SharedEffect<AnswerTimer>
  | { readonly kind: 'describe'; readonly path: PathKind; readonly offer: Description }
  | { readonly kind: 'add-candidates'; readonly path: PathKind; readonly remote: Description }
  | { readonly kind: 'finish' };

interface AnsweredPath {
  readonly path: PathKind;
  readonly id: number;
  readonly offer: Description;
  /** `given-up`: we do not get through to the dialer, which may still get through to us. */
  readonly phase: 'describing' | 'answered' | 'given-up' | 'failed';
}

export interface AnswerState {
  readonly phase: 'ready' | 'open' | 'finished';
  /** The kinds of path that we can answer. */
  readonly kinds: readonly PathKind[];
  readonly paths: readonly AnsweredPath[];
  readonly patience: Pick<Patience, 'handshakeMs'>;
}

export interface AnswerStep {
  readonly state: AnswerState;
  readonly effects: readonly AnswerEffect[];
}

export function answerState(kinds: readonly PathKind[], patience: AnswerState['patience'] = QUICK): AnswerState {
  return { phase: 'ready', kinds, paths: [], patience };
}

export function step(state: AnswerState, input: AnswerInput): AnswerStep {
  if (state.phase === 'finished') return stay(state);
  switch (input.kind) {
    case 'begin':
      return move(
        { ...state, phase: 'open' },
        { kind: 'wake-after', timer: 'session', ms: state.patience.handshakeMs },
      );
    case 'received':
      return onSignal(state, input.signal);
    case 'described':
      return onDescribed(state, input.path, input.description);
    case 'path-failed':
      return onFailed(state, input.path, input.reason);
    case 'agreed':
      return finish(state, input.path);
    case 'superseded':
      return finish(state, undefined);
    case 'woken':
      return input.timer === 'session' ? finish(state, undefined) : onConnectBack(state, input.timer);
    default:
      return never(input);
  }
}

function onSignal(state: AnswerState, signal: Signal): AnswerStep {
  switch (signal.kind) {
    case 'offer':
      return onOffer(state, signal);
    case 'candidates':
      return onCandidates(state, signal);
    case 'answer':
    case 'no-path':
      return stay(state);
    default:
      return never(signal);
  }
}

function onOffer(state: AnswerState, offer: Extract<Signal, { kind: 'offer' }>): AnswerStep {
  const { id, connType: path, description } = offer;
  if (state.paths.some((known) => known.id === id || known.path === path)) return stay(state);
  if (!state.kinds.includes(path)) return move(state, noPath(offer, 'this device does not use that kind of path'));
  const paths = [...state.paths, { path, id, offer: description, phase: 'describing' } as const];
  return move({ ...state, paths }, { kind: 'describe', path, offer: description });
}

function onDescribed(state: AnswerState, path: PathKind, description: Description): AnswerStep {
  const found = find(state, path);
  if (found?.phase !== 'describing') return stay(state);
  return move(
    withPath(state, { ...found, phase: 'answered' }),
    { kind: 'send', signal: { kind: 'answer', id: found.id, connType: path, description } },
    // Connecting back at once would mostly make a second stream for nothing.
    { kind: 'wake-after', timer: path, ms: CONNECT_BACK_MS },
  );
}

function onConnectBack(state: AnswerState, path: PathKind): AnswerStep {
  const found = find(state, path);
  if (found?.phase !== 'answered' || found.offer.candidates.length === 0) return stay(state);
  return move(state, { kind: 'connect', path, remote: found.offer });
}

/** They follow the answer, so they cannot be here before it is out. */
function onCandidates(state: AnswerState, { id, description }: Extract<Signal, { kind: 'candidates' }>): AnswerStep {
  const found = state.paths.find((path) => path.id === id);
  if (found?.phase !== 'answered' || found.offer.candidates.length > 0) return stay(state);
  const offer = { ...found.offer, candidates: description.candidates };
  return move(withPath(state, { ...found, offer }), { kind: 'add-candidates', path: found.path, remote: offer });
}

function onFailed(state: AnswerState, path: PathKind, reason: string): AnswerStep {
  const found = find(state, path);
  if (found?.phase !== 'describing' && found?.phase !== 'answered') return stay(state);
  const tell = noPath({ id: found.id, connType: path }, reason);
  if (found.phase === 'answered') return move(withPath(state, { ...found, phase: 'given-up' }), tell);
  return move(withPath(state, { ...found, phase: 'failed' }), { kind: 'abandon', path }, tell);
}

function finish(state: AnswerState, agreed: PathKind | undefined): AnswerStep {
  const others = state.paths.filter(({ path, phase }) => phase !== 'failed' && path !== agreed);
  const abandoned: AnswerEffect[] = others.map(({ path }) => ({ kind: 'abandon', path }));
  return move({ ...state, phase: 'finished' }, ...abandoned, { kind: 'finish' });
}

function noPath({ id, connType }: { id: number; connType: PathKind }, reason: string): AnswerEffect {
  return { kind: 'send', signal: { kind: 'no-path', id, connType, reason } };
}

function find(state: AnswerState, path: PathKind): AnsweredPath | undefined {
  return state.paths.find((candidate) => candidate.path === path);
}

function withPath(state: AnswerState, changed: AnsweredPath): AnswerState {
  return { ...state, paths: state.paths.map((path) => (path.path === changed.path ? changed : path)) };
}

function stay(state: AnswerState): AnswerStep {
  return { state, effects: [] };
}

function move(state: AnswerState, ...effects: AnswerEffect[]): AnswerStep {
  return { state, effects };
}
