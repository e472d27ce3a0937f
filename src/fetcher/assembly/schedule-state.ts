/**
 * Where each chunk of a file that is being received stands.
 *
 * Invariant: every chunk is in exactly one place: lacking, owed by one source, being checked, or checked.
 */
import { Map as PersistentMap } from 'immutable';
import type { DeviceId } from '../../ids.ts';
import { bytesOf, type ChunkLayout, countOf } from '../chunks/chunk-layout.ts';
import type { Range } from '../ranges.ts';
import { isIn, type Ranges, withoutRange, withRange } from '../ranges.ts';
import type { SourceState } from './source-state.ts';

/** What is here of a chunk that is not checked. */
export interface BegunChunk {
  /** Where in the file its bytes end so far. */
  readonly end: number;
  /** Whose bytes they are. */
  readonly from: readonly DeviceId[];
  /** It was wrong once, and it could not be said whose fault that was: now one source has to send all of it. */
  readonly isSuspect: boolean;
}

export interface ScheduleState {
  readonly layout: ChunkLayout;
  /** Chunks that nobody has been asked for. */
  readonly lacking: Ranges;
  /** Chunks that agree with their hashes. */
  readonly checked: Ranges;
  readonly begun: PersistentMap<number, BegunChunk>;
  readonly sources: PersistentMap<DeviceId, SourceState>;
  /** Chunks that somebody waits for, most urgent first. */
  readonly wanted: Ranges;
  readonly hasHashes: boolean;
}

/** `checked`: chunks that lie on disk since an earlier time, known to be right. */
export function startSchedule(layout: ChunkLayout, checked: Ranges): ScheduleState {
  const lacking = checked.reduce<Ranges>(withoutRange, [[0, countOf(layout)]]);
  return {
    layout,
    lacking,
    checked,
    begun: PersistentMap(),
    sources: PersistentMap(),
    wanted: [],
    hasHashes: false,
  };
}

export function isAllChecked({ layout, checked }: ScheduleState): boolean {
  const [only] = checked;
  return only?.[0] === 0 && only[1] === countOf(layout);
}

/** Bytes of the chunk that have not arrived. */
export function lackingBytes({ layout, begun }: ScheduleState, chunk: number): Range {
  const [start, end] = bytesOf(layout, [chunk, chunk + 1]);
  return [begun.get(chunk)?.end ?? start, end];
}

export function lengthLacking(state: ScheduleState, chunk: number): number {
  const [start, end] = lackingBytes(state, chunk);
  return end - start;
}

export function withSource(state: ScheduleState, device: DeviceId, source: SourceState): ScheduleState {
  return { ...state, sources: state.sources.set(device, source) };
}

/** The source owes the chunks no longer: they are lacking again. */
export function takeBack(state: ScheduleState, device: DeviceId, chunks: readonly number[]): ScheduleState {
  const source = state.sources.get(device);
  if (!source || chunks.length === 0) return state;
  const owes = source.owes.filter((chunk) => !chunks.includes(chunk));
  const returned = chunks.reduce((sum, chunk) => sum + lengthLacking(state, chunk), 0);
  const eased = withSource(state, device, { ...source, owes, underWay: source.underWay - returned });
  return chunks.reduce(makeLacking, eased);
}

/** A suspect chunk begins anew: one source has to answer for all of it. */
function makeLacking(state: ScheduleState, chunk: number): ScheduleState {
  const begun = state.begun.get(chunk)?.isSuspect ? state.begun.set(chunk, freshSuspect(state, chunk)) : state.begun;
  return { ...state, begun, lacking: withRange(state.lacking, [chunk, chunk + 1]) };
}

function freshSuspect({ layout }: ScheduleState, chunk: number): BegunChunk {
  return { end: bytesOf(layout, [chunk, chunk + 1])[0], from: [], isSuspect: true };
}

/** The chunk, as it lies here, is wrong: all of it is lacking. */
export function throwAway(state: ScheduleState, chunk: number): ScheduleState {
  const isShared = (state.begun.get(chunk)?.from.length ?? 0) > 1;
  const begun = isShared ? state.begun.set(chunk, freshSuspect(state, chunk)) : state.begun.delete(chunk);
  const lone: Range = [chunk, chunk + 1];
  return { ...state, begun, lacking: withRange(state.lacking, lone), checked: withoutRange(state.checked, lone) };
}

/** The source is gone; what it owed is lacking again. */
export function withoutSource(state: ScheduleState, device: DeviceId): ScheduleState {
  const freed = takeBack(state, device, state.sources.get(device)?.owes ?? []);
  return { ...freed, sources: freed.sources.delete(device) };
}

/** The source is gone and was a liar: what it began for others to go on with is not worth keeping. */
export function withoutLiar(state: ScheduleState, device: DeviceId): ScheduleState {
  const left = withoutSource(state, device);
  const tainted = left.begun.filter(({ from }, chunk) => from.includes(device) && isIn(left.lacking, chunk));
  return { ...left, begun: left.begun.deleteAll(tainted.keys()) };
}
