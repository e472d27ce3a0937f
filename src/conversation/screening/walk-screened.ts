import { setImmediate as breathe } from 'node:timers/promises';
import { asCommitId, copyId, ID_BYTES, idFromBytes, idToBytes } from '../../id-bytes.ts';
import type { CommitId } from '../../ids.ts';
import { type Arrangement, arrangeInSteps } from '../graph/arrange.ts';
import { CommitGraph, type CommitRows } from '../graph/commit-graph.ts';
import { SCREENED_PARENTS } from './plain-commit.ts';
import type { ScreenedCommits } from './screened-commits.ts';
import { committedAtIn, parentAt, parentCountIn, RECORD_BYTES } from './screened-record.ts';

export interface WalkedCommits {
  /** What was known before and what was walked now. */
  readonly graph: CommitGraph;
  /** How many were walked now: they are the graph's rows, in canonical order, parents first. */
  readonly count: number;
  /** Of each of them, its row among the screened ones, where all were screened. */
  readonly screenedRows?: Int32Array;
}

/** So many take a few milliseconds. */
const COMMITS_IN_A_TURN = 1000;
/** Stands for a parent that is known and not walked. */
const OUTSIDE = -1;
/** Stands where there is no parent. */
const NONE = -2;

/**
 * Walks all that the head reaches and `known` does not hold, from what threads found, by numbers instead of ids.
 * Undefined when there is a commit among it that was not screened.
 */
export async function walkScreened(
  screened: ScreenedCommits,
  head: CommitId,
  known?: CommitGraph,
): Promise<WalkedCommits | undefined> {
  const reached = await reach(screened, head, known);
  if (!reached) return undefined;
  const steps = arrangeInSteps(reached);
  let step = steps.next();
  for (; !step.done; step = steps.next()) await breathe();
  return placeAll(step.value, reached, known);
}

/** Commits by places from 0, as they were met. */
interface Reached extends Arrangement {
  readonly screened: ScreenedCommits;
  rowAt(place: number): number;
  /** As it stands in the record: a place, `OUTSIDE` for one that was not walked, `NONE`. */
  parentOf(place: number, index: number): number;
}

async function reach(
  screened: ScreenedCommits,
  head: CommitId,
  known: CommitGraph | undefined,
): Promise<Reached | undefined> {
  const rows = new Int32Array(screened.size);
  const parents = new Int32Array(screened.size * SCREENED_PARENTS).fill(NONE);
  let met = 0;
  const placeOf = new Int32Array(screened.size).fill(OUTSIDE);
  const { records } = screened;

  /** Where a commit stands, with a place for one that is met for the first time; undefined for one that nobody knows. */
  function meet(id: Buffer, at: number): number | undefined {
    if (known?.has(asCommitId(idFromBytes(id, at)))) return OUTSIDE;
    const row = screened.rowOfBytes(id, at);
    if (row === undefined) return undefined;
    if (placeOf[row] === OUTSIDE) {
      placeOf[row] = met;
      rows[met] = row;
      met += 1;
    }
    return placeOf[row];
  }

  if (meet(idToBytes(head), 0) === undefined) return undefined;
  const rowAt = (place: number) => rows[place] ?? 0;
  for (let place = 0; place < met; place += 1) {
    if (place % COMMITS_IN_A_TURN === COMMITS_IN_A_TURN - 1) await breathe();
    const at = rowAt(place) * RECORD_BYTES;
    const count = parentCountIn(records, at);
    for (let index = 0; index < count; index += 1) {
      const parent = meet(records, parentAt(at, index));
      if (parent === undefined) return undefined;
      parents[place * SCREENED_PARENTS + index] = parent;
    }
  }
  const parentOf = (place: number, index: number) => parents[place * SCREENED_PARENTS + index] ?? NONE;
  const timeOf = (place: number) => committedAtIn(records, rowAt(place) * RECORD_BYTES);
  return {
    screened,
    count: met,
    rowAt,
    parentOf,
    forEachParent(place, visit) {
      for (let index = 0; index < SCREENED_PARENTS; index += 1)
        if (parentOf(place, index) >= 0) visit(parentOf(place, index));
    },
    isEarlier(place, other) {
      const time = timeOf(place);
      const otherTime = timeOf(other);
      return time === otherTime ? screened.compareIds(rowAt(place), rowAt(other)) < 0 : time < otherTime;
    },
  };
}

async function placeAll(order: Int32Array, reached: Reached, known: CommitGraph | undefined): Promise<WalkedCommits> {
  const graph = new CommitGraph(known);
  const rowOf = new Int32Array(order.length);
  for (let row = 0; row < order.length; row += 1) rowOf[order[row] ?? 0] = row;
  for (let start = 0; start < order.length; start += COMMITS_IN_A_TURN) {
    await breathe();
    const places = order.subarray(start, start + COMMITS_IN_A_TURN);
    graph.addAll(rowsAt(places, reached, (place) => (rowOf[place] ?? OUTSIDE) - start));
  }
  return { graph, count: order.length, screenedRows: order.map(reached.rowAt) };
}

/**
 * `rowOf` counts from the first of the places; below 0 stand those before it. Loops by numbers, as the rest of the walk: this
 * runs for a moment, once, so that what has to be compiled for it counts more than what it does.
 */
function rowsAt(places: Int32Array, reached: Reached, rowOf: (place: number) => number): CommitRows {
  const { records } = reached.screened;
  const ids = Buffer.allocUnsafe(places.length * ID_BYTES);
  const times = new Float64Array(places.length);
  const parents = new Int32Array(places.length * SCREENED_PARENTS);
  const parentsEnd = new Int32Array(places.length);
  const outsiders: Buffer[] = [];
  let end = 0;
  for (let row = 0; row < places.length; row += 1) {
    const place = places[row] ?? 0;
    const at = reached.rowAt(place) * RECORD_BYTES;
    copyId({ bytes: records, at }, { bytes: ids, at: row * ID_BYTES });
    times[row] = committedAtIn(records, at);
    const count = parentCountIn(records, at);
    for (let index = 0; index < count; index += 1) {
      const walked = reached.parentOf(place, index);
      const parent = walked === OUTSIDE ? OUTSIDE : rowOf(walked);
      const id = parentAt(at, index);
      parents[end] = parent >= 0 ? parent : ~(outsiders.push(records.subarray(id, id + ID_BYTES)) - 1);
      end += 1;
    }
    parentsEnd[row] = end;
  }
  return { ids, parents: parents.subarray(0, end), outsiders: Buffer.concat(outsiders), parentsEnd, times };
}
