/** Who is asked for which chunks next. */
import type { DeviceId } from '../../ids.ts';
import { TAKE_OVER_FACTOR, TRANSFER_RANGES } from '../../limits.ts';
import type { Milliseconds } from '../../ports.ts';
import type { Range } from '../ranges.ts';
import { overlap, type Ranges, withoutRange, withRange } from '../ranges.ts';
import { move, stay } from '../transfer/step.ts';
import { lackingBytes, lengthLacking, type ScheduleState, takeBack, withSource } from './schedule-state.ts';
import type { ScheduleEffect, ScheduleStep } from './schedule-step.ts';
import {
  beginToOwe,
  hasRoomForPortion,
  isExpectedToList,
  isOverdue,
  mayOwe,
  paceOf,
  type SourceState,
} from './source-state.ts';

/** Gives every source that has room as much as fits its window: what is lacking first, then what a slower one still owes. */
export function handOut(state: ScheduleState, at: Milliseconds): ScheduleStep {
  let now = state;
  const effects: ScheduleEffect[] = [];
  for (const device of inTurn(state)) {
    if (!isWorthAsking(now, device)) continue;
    const given: Range[] = [];
    for (let next = nextFor(now, device, at); next; next = nextFor(now, device, at)) {
      if (next.owner) {
        effects.push({ kind: 'skip', source: next.owner, ranges: [lackingBytes(now, next.chunk)] });
        now = takeBack(now, next.owner, [next.chunk]);
      }
      given.push(lackingBytes(now, next.chunk));
      now = give(now, device, { chunk: next.chunk, at });
    }
    for (const ranges of inRuns(given)) effects.push({ kind: 'ask', source: device, ranges });
  }
  return move(now, ...effects);
}

/** Asking costs both sides a message: where a window holds many chunks it is for several of them, unless a reader waits for one. */
function isWorthAsking({ lacking, wanted, sources }: ScheduleState, device: DeviceId): boolean {
  const source = sources.get(device);
  if (!source) return false;
  return hasRoomForPortion(source) || wanted.some((range) => overlap(lacking, range).length > 0);
}

/** Those that deliver, then the stalled ones, the one that waits longest first: so that each of them gets its turn. */
function inTurn({ sources }: ScheduleState): Iterable<DeviceId> {
  if (sources.size < 2) return sources.keys();
  return sources.sortBy(({ isStalled, usefulAt }) => (isStalled ? usefulAt : Number.NEGATIVE_INFINITY)).keys();
}

/** One source is asked for the list of hashes; the next one when it is gone, or takes long. */
export function askForHashes(state: ScheduleState, at: Milliseconds): ScheduleStep {
  if (state.hasHashes || state.sources.some((source) => isExpectedToList(source, at))) return stay(state);
  const next = state.sources.findEntry(({ hashesAskedAt }) => hashesAskedAt === undefined);
  if (!next) return stay(state);
  const [device, source] = next;
  return move<ScheduleState, ScheduleEffect>(withSource(state, device, { ...source, hashesAskedAt: at }), {
    kind: 'ask-hashes',
    source: device,
  });
}

interface Next {
  readonly chunk: number;
  /** Who owes it so far. */
  readonly owner?: DeviceId;
}

function nextFor(state: ScheduleState, device: DeviceId, at: Milliseconds): Next | undefined {
  const source = state.sources.get(device);
  if (!source) return undefined;
  const chunk = nextLacking(state);
  if (chunk === undefined) return nextToTakeOver(state, source, at);
  return mayOwe(source, lengthLacking(state, chunk)) ? { chunk } : undefined;
}

/** What a reader waits for; else the first, so that the digest of the whole can follow. */
function nextLacking({ lacking, wanted }: ScheduleState): number | undefined {
  for (const range of wanted) {
    const [first] = overlap(lacking, range);
    if (first) return first[0];
  }
  return lacking[0]?.[0];
}

/**
 * The last chunk of the source that would need longest for all it owes, if this one would have it much sooner. Between
 * equals nothing changes hands. One that stalled and owes nothing has no other way to show that it is back than to be
 * given a chunk of one that delivers nothing either.
 */
function nextToTakeOver(state: ScheduleState, taker: SourceState, at: Milliseconds): Next | undefined {
  if (taker.isStalled && taker.owes.length > 0) return undefined;
  const owing = state.sources.filter(
    (source) => source !== taker && source.owes.length > 0 && (!taker.isStalled || isOverdue(source, at)),
  );
  const slowest = owing.map((owner) => compareTimes(state, { owner, taker, at })).maxBy((times) => times.left);
  if (!slowest || slowest.left <= slowest.taken * TAKE_OVER_FACTOR) return undefined;
  const { chunk, owner } = slowest;
  const device = owing.findKey((source) => source === owner);
  if (device === undefined || !mayOwe(taker, lengthLacking(state, chunk))) return undefined;
  return { chunk, owner: device };
}

interface Contest {
  readonly owner: SourceState;
  readonly taker: SourceState;
  readonly at: Milliseconds;
}

/**
 * Milliseconds until the owner has delivered all it owes, and until the taker would have delivered the owner's last
 * chunk. One that is overdue is not expected to deliver at all, however fast it was.
 */
function compareTimes(state: ScheduleState, { owner, taker, at }: Contest) {
  const chunk = owner.owes.at(-1) ?? 0;
  const [own, other] = [paceOf(taker, at), paceOf(owner, at)];
  // Of whom nothing is known, it is assumed that they are alike; but nobody is like one who delivers nothing.
  const left = isOverdue(owner, at) ? Number.POSITIVE_INFINITY : owner.underWay / (other ?? (own || 1));
  const taken = (taker.underWay + lengthLacking(state, chunk)) / (own ?? (other || 1));
  return { chunk, owner, left, taken };
}

function give(
  state: ScheduleState,
  device: DeviceId,
  { chunk, at }: { readonly chunk: number; readonly at: Milliseconds },
): ScheduleState {
  const source = state.sources.get(device);
  if (!source) return state;
  const length = lengthLacking(state, chunk);
  const asked = {
    ...beginToOwe(source, at),
    owes: [...source.owes, chunk],
    underWay: source.underWay + length,
    everAsked: withRange(source.everAsked, [chunk, chunk + 1]),
    allowance: source.allowance + length,
  };
  return withSource({ ...state, lacking: withoutRange(state.lacking, [chunk, chunk + 1]) }, device, asked);
}

/** The ranges, in their order, as lists that ascend, which is what one statement can say. */
function inRuns(ranges: readonly Range[]): readonly Ranges[] {
  const runs: Range[][] = [];
  for (const range of ranges) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (run && last && last[1] === range[0]) run.splice(-1, 1, [last[0], range[1]]);
    else if (run && last && last[1] < range[0] && run.length < TRANSFER_RANGES) run.push(range);
    else runs.push([range]);
  }
  return runs;
}
