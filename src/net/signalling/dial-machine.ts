/**
 * The dialer's side of getting a link, without any IO: `(state, input) → { state, effects }`.
 *
 * Paths are tried best first, each with a head start over the next, and the first that brings up a secured stream is
 * nominated. Invariants:
 * - At most one nomination is outstanding.
 * - Every path that was begun ends: it is nominated, fails by itself, or at its deadline.
 * - Nothing happens after `finish`. Inputs that come too late, twice, or before they are awaited change nothing.
 */
import { CANDIDATES_BACK_MS, PATH_HEAD_START_MS } from '../../limits.ts';
import { never } from '../../never.ts';
import type { PathKind } from '../net.ts';
import type { Description } from './description.ts';
import { type Patience, QUICK } from './patience.ts';
import type { SharedEffect } from './shared-effects.ts';
import type { Signal } from './signal.ts';

export type DialOutcome =
  | { readonly kind: 'linked'; readonly path: PathKind }
  /** By the answerer, on the link itself. */
  | { readonly kind: 'turned-away'; readonly reason: string }
  /** A link to the device came up another way. */
  | { readonly kind: 'superseded' }
  /** `tried` says each path with what became of it. */
  | { readonly kind: 'unreachable'; readonly tried: string };

export type DialInput =
  | { readonly kind: 'begin' }
  | { readonly kind: 'described'; readonly path: PathKind; readonly description: Description }
  | { readonly kind: 'received'; readonly signal: Signal }
  /** A stream to the proved peer is up. */
  | { readonly kind: 'secured'; readonly path: PathKind }
  /** Nothing can come of the path any more. */
  | { readonly kind: 'path-failed'; readonly path: PathKind; readonly reason: string }
  /** We did not get through; the answerer may still get through to us. */
  | { readonly kind: 'own-tries-failed'; readonly path: PathKind; readonly reason: string }
  | { readonly kind: 'agreed'; readonly path: PathKind }
  | { readonly kind: 'turned-away'; readonly path: PathKind; readonly reason: string }
  | { readonly kind: 'signalling-ended' }
  | { readonly kind: 'superseded' }
  | { readonly kind: 'woken'; readonly timer: DialTimer };

export type DialTimer = 'head-start' | PathKind | `${PathKind} candidates`;

export type DialEffect =
  | SharedEffect<DialTimer>
  | { readonly kind: 'describe'; readonly path: PathKind }
  | { readonly kind: 'nominate'; readonly path: PathKind }
  | { readonly kind: 'finish'; readonly outcome: DialOutcome };

/** What a dial may try, best first. */
export interface PathPlan {
  readonly path: PathKind;
  /** The id of its offer. */
  readonly id: number;
  /** The offer goes without candidates; they follow once the answer is there. */
  readonly holdsCandidatesBack: boolean;
}

type PathState = PathPlan &
  (
    | { readonly phase: 'waiting' | 'describing' | 'secured' }
    | { readonly phase: 'offered'; readonly local: Description }
    | {
        readonly phase: 'connecting';
        readonly heldBack?: Description;
        readonly ownFailure?: string;
        readonly answererFailure?: string;
      }
    | { readonly phase: 'failed'; readonly reason: string }
  );

export interface DialState {
  readonly phase: 'ready' | 'racing' | 'finished';
  readonly paths: readonly PathState[];
  readonly nominated: PathKind | undefined;
  readonly patience: Pick<Patience, 'pathMs'>;
}

export interface DialStep {
  readonly state: DialState;
  readonly effects: readonly DialEffect[];
}

export function dialState(plans: readonly PathPlan[], patience: DialState['patience'] = QUICK): DialState {
  const paths = plans.map((plan) => ({ ...plan, phase: 'waiting' }) as const);
  return { phase: 'ready', paths, nominated: undefined, patience };
}

export function step(state: DialState, input: DialInput): DialStep {
  if (state.phase === 'finished') return stay(state);
  switch (input.kind) {
    case 'begin':
      return state.phase === 'ready' ? beginNext({ ...state, phase: 'racing' }) : stay(state);
    case 'described':
      return onDescribed(state, input.path, input.description);
    case 'received':
      return onSignal(state, input.signal);
    case 'secured':
      return onSecured(state, input.path);
    case 'path-failed':
      return failPath(state, input.path, input.reason);
    case 'own-tries-failed':
      return onTriesFailed(state, input.path, { ownFailure: input.reason });
    case 'agreed':
      return input.path === state.nominated ? finish(state, { kind: 'linked', path: input.path }) : stay(state);
    case 'turned-away':
      return input.path === state.nominated
        ? finish(state, { kind: 'turned-away', reason: input.reason })
        : stay(state);
    case 'signalling-ended':
      return onSignallingEnded(state);
    case 'superseded':
      return finish(state, { kind: 'superseded' });
    case 'woken':
      return onWoken(state, input.timer);
    default:
      return never(input);
  }
}

/** Begins the best path that waits; the one after it gets its turn a head start later. */
function beginNext(state: DialState): DialStep {
  const [next, ...later] = state.paths.filter(({ phase }) => phase === 'waiting');
  if (next === undefined) return finishIfAllFailed(state);
  const effects: DialEffect[] = [
    { kind: 'describe', path: next.path },
    { kind: 'wake-after', timer: next.path, ms: state.patience.pathMs },
  ];
  if (later.length > 0) effects.push({ kind: 'wake-after', timer: 'head-start', ms: PATH_HEAD_START_MS });
  return { state: withPath(state, { ...planOf(next), phase: 'describing' }), effects };
}

function onDescribed(state: DialState, path: PathKind, local: Description): DialStep {
  const found = find(state, path);
  if (found?.phase !== 'describing') return stay(state);
  const description = found.holdsCandidatesBack ? { ...local, candidates: [] } : local;
  const signal: Signal = { kind: 'offer', id: found.id, connType: path, description };
  return { state: withPath(state, { ...planOf(found), phase: 'offered', local }), effects: [{ kind: 'send', signal }] };
}

function onSignal(state: DialState, signal: Signal): DialStep {
  const found = state.paths.find(({ id }) => id === signal.id);
  if (found?.phase === 'connecting' && signal.kind === 'no-path')
    return onTriesFailed(state, found.path, { answererFailure: signal.reason });
  // Not (or no longer) awaited, or a repetition.
  if (found?.phase !== 'offered') return stay(state);
  if (signal.kind === 'no-path') return failPath(state, found.path, signal.reason);
  if (signal.kind !== 'answer') return stay(state);
  const effects: DialEffect[] = [{ kind: 'connect', path: found.path, remote: signal.description }];
  if (found.holdsCandidatesBack) {
    const { path, local } = found;
    effects.push({ kind: 'wake-after', timer: `${path} candidates`, ms: CANDIDATES_BACK_MS });
    return { state: withPath(state, { ...planOf(found), phase: 'connecting', heldBack: local }), effects };
  }
  return { state: withPath(state, { ...planOf(found), phase: 'connecting' }), effects };
}

/** When neither side gets through, the path has failed. When one does not, the next path need not wait any longer. */
function onTriesFailed(
  state: DialState,
  path: PathKind,
  failure: { readonly ownFailure: string } | { readonly answererFailure: string },
): DialStep {
  const found = find(state, path);
  if (found?.phase !== 'connecting') return stay(state);
  const { ownFailure, answererFailure } = { ...found, ...failure };
  if (ownFailure !== undefined && answererFailure !== undefined)
    return failPath(state, path, `${ownFailure}; from the other side: ${answererFailure}`);
  const changed = withPath(state, { ...found, ...failure });
  const isWaiting = changed.paths.some(({ phase }) => phase === 'waiting');
  return isWaiting && state.nominated === undefined ? beginNext(changed) : stay(changed);
}

/** The answerer may get through to us before its answer does: who knows the session's name has read the offer. */
function onSecured(state: DialState, path: PathKind): DialStep {
  const found = find(state, path);
  if (found?.phase !== 'offered' && found?.phase !== 'connecting') return stay(state);
  return nominateIfFree(withPath(state, { ...planOf(found), phase: 'secured' }));
}

function nominateIfFree(state: DialState): DialStep {
  const best = state.paths.find(({ phase }) => phase === 'secured');
  if (best === undefined || state.nominated !== undefined) return stay(state);
  return { state: { ...state, nominated: best.path }, effects: [{ kind: 'nominate', path: best.path }] };
}

function failPath(state: DialState, path: PathKind, reason: string): DialStep {
  const found = find(state, path);
  if (found === undefined || found.phase === 'failed') return stay(state);
  const failed = withPath(state, { ...planOf(found), phase: 'failed', reason });
  const freed = state.nominated === path ? { ...failed, nominated: undefined } : failed;
  const another = nominateIfFree(freed);
  const goOn = another.effects.length > 0 ? another : beginNextIfIdle(freed);
  return { state: goOn.state, effects: [{ kind: 'abandon', path }, ...goOn.effects] };
}

/** A path that fails early gives the rest of its head start away. */
function beginNextIfIdle(state: DialState): DialStep {
  const isTrying = state.paths.some(({ phase }) => phase !== 'waiting' && phase !== 'failed');
  return isTrying ? stay(state) : beginNext(state);
}

/** Paths that have all they need go on; the others will never hear an answer. Those that wait go first, lest they begin. */
function onSignallingEnded(state: DialState): DialStep {
  let all: DialStep = stay(state);
  for (const { path, phase } of state.paths.toReversed()) {
    if (phase === 'connecting' || phase === 'secured' || phase === 'failed') continue;
    const next = failPath(all.state, path, 'the device hung up while signalling');
    all = { state: next.state, effects: [...all.effects, ...next.effects] };
  }
  return all;
}

function onWoken(state: DialState, timer: DialTimer): DialStep {
  if (timer === 'head-start') return state.nominated === undefined ? beginNext(state) : stay(state);
  const held = state.paths.find(({ path }) => timer === `${path} candidates`);
  if (held !== undefined) return sendHeldBack(state, held);
  const found = state.paths.find(({ path }) => timer === path);
  // A stream that is up answers for itself: its nomination has a deadline of its own.
  if (found === undefined || found.phase === 'waiting' || found.phase === 'secured') return stay(state);
  const ownFailure = found.phase === 'connecting' ? found.ownFailure : undefined;
  return failPath(state, found.path, ownFailure ?? 'it took too long');
}

/** A moment after the dialer began to check addresses: see CANDIDATES_BACK_MS. */
function sendHeldBack(state: DialState, found: PathState): DialStep {
  if (found.phase !== 'connecting' || found.heldBack === undefined) return stay(state);
  const { id, path: connType, heldBack: description } = found;
  return { state, effects: [{ kind: 'send', signal: { kind: 'candidates', id, connType, description } }] };
}

function finishIfAllFailed(state: DialState): DialStep {
  if (!state.paths.every(({ phase }) => phase === 'failed')) return stay(state);
  const tried = state.paths.map((path) => `${path.path}: ${path.phase === 'failed' ? path.reason : path.phase}`);
  return finish(state, { kind: 'unreachable', tried: tried.join('; ') });
}

function finish(state: DialState, outcome: DialOutcome): DialStep {
  const begun = state.paths.filter(({ phase }) => phase !== 'waiting' && phase !== 'failed');
  const abandoned = begun.filter(({ path }) => outcome.kind !== 'linked' || path !== outcome.path);
  const effects: DialEffect[] = abandoned.map(({ path }) => ({ kind: 'abandon', path }));
  return { state: { ...state, phase: 'finished' }, effects: [...effects, { kind: 'finish', outcome }] };
}

function find(state: DialState, path: PathKind): PathState | undefined {
  return state.paths.find((candidate) => candidate.path === path);
}

function withPath(state: DialState, changed: PathState): DialState {
  return { ...state, paths: state.paths.map((path) => (path.path === changed.path ? changed : path)) };
}

function planOf({ path, id, holdsCandidatesBack }: PathPlan): PathPlan {
  return { path, id, holdsCandidatesBack };
}

function stay(state: DialState): DialStep {
  return { state, effects: [] };
}
