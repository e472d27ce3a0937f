/**
 * When a better path is looked for, for a link that this device dialled, without any IO: `(state, input) → { state, effects }`.
 *
 * A link over the best kind of path there is needs nothing. For any other one the better kinds are tried a while after it
 * came up, and again after a wait that doubles, for as long as it lasts: what stood in the way may be gone.
 */
import { backOff } from '../../back-off.ts';
import { BETTER_PATH_FIRST_MS, BETTER_PATH_MAX_MS } from '../../limits.ts';
import { never } from '../../never.ts';
import type { Milliseconds } from '../../ports.ts';
import type { PathKind } from '../net.ts';

export type SeekInput =
  /** The link travels on a path of that kind now. */
  | { readonly kind: 'serves'; readonly path: PathKind }
  | { readonly kind: 'due' }
  /** Something changed that may make a better path possible. */
  | { readonly kind: 'hint' }
  /** The try is over. If it brought something, `serves` says so as well. */
  | { readonly kind: 'tried' };

export type SeekEffect =
  /** In place of any wake-up that was asked for before. */
  | { readonly kind: 'wake-after'; readonly ms: Milliseconds }
  | { readonly kind: 'try'; readonly paths: readonly PathKind[] };

export interface SeekState {
  /** The kinds of path that this device uses, best first. */
  readonly kinds: readonly PathKind[];
  /** Better than what serves now. */
  readonly better: readonly PathKind[];
  readonly isTrying: boolean;
  /** Tries since the link came to its path. */
  readonly tries: number;
}

export interface SeekStep {
  readonly state: SeekState;
  readonly effects: readonly SeekEffect[];
}

export function seekState(kinds: readonly PathKind[]): SeekState {
  return { kinds, better: [], isTrying: false, tries: 0 };
}

export function step(state: SeekState, input: SeekInput): SeekStep {
  switch (input.kind) {
    case 'serves':
      return waitForNext({ ...state, better: betterThan(input.path, state.kinds), tries: 0 });
    case 'due':
      return tryNow(state);
    case 'hint':
      return tryNow({ ...state, tries: 0 });
    case 'tried':
      return waitForNext({ ...state, isTrying: false, tries: state.tries + 1 });
    default:
      return never(input);
  }
}

function tryNow(state: SeekState): SeekStep {
  if (state.isTrying || state.better.length === 0) return { state, effects: [] };
  return { state: { ...state, isTrying: true }, effects: [{ kind: 'try', paths: state.better }] };
}

function waitForNext(state: SeekState): SeekStep {
  if (state.isTrying || state.better.length === 0) return { state, effects: [] };
  const ms = backOff(state.tries + 1, { first: BETTER_PATH_FIRST_MS, longest: BETTER_PATH_MAX_MS });
  return { state, effects: [{ kind: 'wake-after', ms }] };
}

/** TCP is TCP, however it was found. */
function betterThan(path: PathKind, kinds: readonly PathKind[]): readonly PathKind[] {
  const before = kinds.slice(0, Math.max(0, kinds.indexOf(path)));
  return isDirectTcp(path) ? before.filter((kind) => !isDirectTcp(kind)) : before;
}

function isDirectTcp(path: PathKind): boolean {
  return path === 'tcp' || path === 'ice-tcp';
}
