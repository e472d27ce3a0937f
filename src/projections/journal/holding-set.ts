import { Map as PersistentMap } from 'immutable';
import type { HoldingKey } from '../../events/peer/holdings.ts';
import { HOLDINGS_KEPT } from '../../limits.ts';

/**
 * What a device said of many files: that it has them, or that it lacks them. Persistent: a change gives a new set.
 *
 * Eight bytes a file: sorted arrays, with the latest words in a small map before them that is worked in when it has grown.
 */
export interface HoldingSet {
  readonly has: Float64Array;
  readonly lacks: Float64Array;
  /** Undefined: what was said is forgotten. */
  readonly recent: PersistentMap<HoldingKey, boolean | undefined>;
  /** It said once what all it holds, and says since when that changes: what it never named it lacks. */
  readonly hasToldAll: boolean;
}

/** So many recent words are worked into the arrays at once: often enough to stay small, rarely enough to cost little. */
const RECENT_WORDS = 512;

export const emptyHoldingSet: HoldingSet = {
  has: new Float64Array(),
  lacks: new Float64Array(),
  recent: PersistentMap(),
  hasToldAll: false,
};

/** True: it has the file; false: it lacks it; undefined: it never said. */
export function wordOn({ has, lacks, recent }: HoldingSet, key: HoldingKey): boolean | undefined {
  if (recent.has(key)) return recent.get(key);
  if (includes(has, key)) return true;
  return includes(lacks, key) ? false : undefined;
}

/** The later word counts; of one and the same word, having. */
export function withWords(
  set: HoldingSet,
  { has, lacks }: { readonly has: readonly HoldingKey[]; readonly lacks: readonly HoldingKey[] },
): HoldingSet {
  if (set.recent.size + has.length + lacks.length >= RECENT_WORDS) {
    return workedIn(set, new Map([...set.recent, ...wordsOf(lacks, false), ...wordsOf(has, true)]));
  }
  const recent = set.recent.withMutations((words) => {
    for (const key of lacks) words.set(key, false);
    for (const key of has) words.set(key, true);
  });
  return { ...set, recent };
}

/** The keys beyond `after`, up to `upTo`, that it has. */
export function keysBetween({ has, recent }: HoldingSet, after: HoldingKey, upTo: HoldingKey): readonly HoldingKey[] {
  const isBetween = (key: HoldingKey) => key > after && key <= upTo;
  const late = [...recent].filter(([key, word]) => word && isBetween(key)).map(([key]) => key);
  return [...has.filter((key) => isBetween(key) && !recent.has(key)), ...late];
}

/** As if nothing had been said of the file. */
export function withoutWord(set: HoldingSet, key: HoldingKey): HoldingSet {
  return wordOn(set, key) === undefined ? set : { ...set, recent: set.recent.set(key, undefined) };
}

function wordsOf(keys: readonly HoldingKey[], word: boolean): readonly (readonly [HoldingKey, boolean])[] {
  return keys.map((key) => [key, word]);
}

/** Beyond `HOLDINGS_KEPT` keys of either kind the rest is forgotten: no device that keeps to the limits gets there. */
function workedIn(
  { has, lacks, hasToldAll }: HoldingSet,
  words: ReadonlyMap<HoldingKey, boolean | undefined>,
): HoldingSet {
  function merged(before: Float64Array, word: boolean): Float64Array {
    const kept = before.filter((key) => !words.has(key));
    const said = [...words].filter((entry) => entry[1] === word).map(([key]) => key);
    const all = new Float64Array(kept.length + said.length);
    all.set(kept);
    all.set(said, kept.length);
    return all.sort().slice(0, HOLDINGS_KEPT);
  }
  return { has: merged(has, true), lacks: merged(lacks, false), recent: PersistentMap(), hasToldAll };
}

/** Binary search. */
function includes(sorted: Float64Array, key: HoldingKey): boolean {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < key) low = middle + 1;
    else high = middle;
  }
  return sorted[low] === key;
}
