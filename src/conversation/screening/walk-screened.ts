import { setImmediate as breathe } from 'node:timers/promises';
import { asCommitId, idFromBytes, idToBytes } from '../../id-bytes.ts';
import type { CommitId } from '../../ids.ts';
import { type Arrangement, arrangeInSteps } from '../graph/arrange.ts';
import { Column } from '../graph/column.ts';
import { CommitGraph, type CommitRows } from '../graph/commit-graph.ts';
import type { CommitNode } from '../graph/commit-node.ts';
import type { ScreenedCommits } from './screened-commits.ts';
import { committedAtIn, idBytesIn, nodeIn, parentIdIn, parentsIn } from './screened-record.ts';

export interface WalkedCommits {
  /** What was known before and what was walked now. */
  readonly graph: CommitGraph;
  /** What was walked now, in canonical order: parents first. */
  readonly commits: readonly CommitNode[];
}

/** So many take a few milliseconds. */
const COMMITS_IN_A_TURN = 1000;
/** Stands for a parent that is known and not walked. */
const OUTSIDE = -1;

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
  recordAt(place: number): Buffer;
  /** As they stand in the record: places, `OUTSIDE` for those that were not walked. */
  allParentsOf(place: number): readonly number[];
}

async function reach(
  screened: ScreenedCommits,
  head: CommitId,
  known: CommitGraph | undefined,
): Promise<Reached | undefined> {
  const rows = new Column(Int32Array);
  const times = new Column(Float64Array);
  const parents: (readonly number[])[] = [];
  const placeOf = new Int32Array(screened.size).fill(OUTSIDE);

  /** Where a commit stands, with a place for one that is met for the first time; undefined for one that nobody knows. */
  function meet(id: Buffer, at: number): number | undefined {
    if (known?.has(asCommitId(idFromBytes(id, at)))) return OUTSIDE;
    const row = screened.rowOfBytes(id, at);
    if (row === undefined) return undefined;
    if (placeOf[row] === OUTSIDE) {
      placeOf[row] = rows.length;
      rows.push(row);
    }
    return placeOf[row];
  }

  if (meet(idToBytes(head), 0) === undefined) return undefined;
  for (let place = 0; place < rows.length; place += 1) {
    if (place % COMMITS_IN_A_TURN === COMMITS_IN_A_TURN - 1) await breathe();
    const record = screened.recordAt(rows.at(place));
    const met: number[] = [];
    for (const at of parentsIn(record)) {
      const parent = meet(record, at);
      if (parent === undefined) return undefined;
      met.push(parent);
    }
    parents.push(met);
    times.push(committedAtIn(record));
  }
  const allParentsOf = (place: number) => parents[place] ?? [];
  return {
    count: rows.length,
    allParentsOf,
    parentsOf: (place) => allParentsOf(place).filter((parent) => parent !== OUTSIDE),
    isEarlier(place, other) {
      const [time, otherTime] = [times.at(place), times.at(other)];
      return time === otherTime ? screened.compareIds(rows.at(place), rows.at(other)) < 0 : time < otherTime;
    },
    recordAt: (place) => screened.recordAt(rows.at(place)),
  };
}

async function placeAll(order: Int32Array, reached: Reached, known: CommitGraph | undefined): Promise<WalkedCommits> {
  const graph = new CommitGraph(known);
  const commits: CommitNode[] = [];
  const rowOf = new Int32Array(order.length);
  for (const [row, place] of order.entries()) rowOf[place] = row;
  for (let start = 0; start < order.length; start += COMMITS_IN_A_TURN) {
    await breathe();
    const places = order.subarray(start, start + COMMITS_IN_A_TURN);
    graph.addAll(rowsAt(places, reached, (place) => (rowOf[place] ?? OUTSIDE) - start));
    for (const place of places) commits.push(nodeIn(reached.recordAt(place)));
  }
  return { graph, commits };
}

/** `rowOf` counts from the first of the places; below 0 stand those before it. */
function rowsAt(places: Int32Array, { recordAt, allParentsOf }: Reached, rowOf: (place: number) => number): CommitRows {
  const records = Array.from(places, recordAt);
  const parents: number[] = [];
  const parentsEnd = new Int32Array(places.length);
  const outsiders: Buffer[] = [];
  for (const [row, record] of records.entries()) {
    for (const [index, place] of allParentsOf(places[row] ?? OUTSIDE).entries()) {
      const parent = place === OUTSIDE ? OUTSIDE : rowOf(place);
      parents.push(parent >= 0 ? parent : ~(outsiders.push(parentIdIn(record, index)) - 1));
    }
    parentsEnd[row] = parents.length;
  }
  return {
    ids: Buffer.concat(records.map(idBytesIn)),
    parents: Int32Array.from(parents),
    outsiders: Buffer.concat(outsiders),
    parentsEnd,
    times: Float64Array.from(records, committedAtIn),
  };
}
