import { SyncError } from '../../errors.ts';
import { bytesOf, idsIn } from '../../id-bytes.ts';
import { IdTable } from '../../id-table.ts';
import type { CommitId } from '../../ids.ts';
import { Column } from './column.ts';
import type { CommitNode } from './commit-node.ts';

/** A commit with its generation: one more than the highest of its parents, so that every ancestor's is smaller. */
export interface PlacedCommit extends CommitNode {
  readonly generation: number;
  /** A line of commits, each a child of the one before: of two in one chain, the one at the smaller place is an ancestor. */
  readonly chain: Chain;
  /** In the chain, from 0. */
  readonly place: number;
}

export interface Chain {
  /** Where other chains come in, the chain's beginning included; lowest place first. */
  readonly joins: readonly Join[];
}

export interface Join {
  readonly place: number;
  readonly generation: number;
  /** Those that are not in the chain. */
  readonly parents: readonly CommitId[];
}

/** A stretch of commits as bytes, 20 for each id. */
export interface CommitRows {
  readonly ids: Buffer;
  /** Of all commits, one behind the other: a place in the stretch, or `~place` among the outsiders. */
  readonly parents: Int32Array;
  /** Parents that are not in the stretch. */
  readonly outsiders: Buffer;
  /** How many parents there are up to and with each commit. */
  readonly parentsEnd: Int32Array;
  /** Seconds since the Unix epoch. */
  readonly times: Float64Array;
}

interface GrowingChain extends Chain {
  readonly joins: Join[];
  length: number;
  /** The row of its last commit. */
  tip: number;
}

/**
 * The commits of one conversation, parents before children. Grows, never shrinks; what is known of each stands in columns,
 * one row a commit, so that a long history takes up little.
 * A graph may lie on top of another (`base`): staged commits on those that are part of the log.
 */
export class CommitGraph {
  readonly #base: CommitGraph | undefined;
  readonly #ids = new IdTable();
  readonly #times = new Column(Float64Array);
  readonly #generations = new Column(Int32Array);
  /** Of all rows, one behind the other: a row, or `~place` among those that have none here. */
  readonly #parents = new Column(Int32Array);
  /** Where the parents of each row end. */
  readonly #parentsEnd = new Column(Int32Array);
  readonly #foreign: CommitId[] = [];
  readonly #chains: GrowingChain[] = [];
  readonly #chainOf = new Column(Int32Array);
  readonly #places = new Column(Int32Array);

  constructor(base?: CommitGraph) {
    this.#base = base;
  }

  get size(): number {
    return this.#ids.size + (this.#base?.size ?? 0);
  }

  has(id: CommitId): boolean {
    return this.#ids.rowOf(id) !== undefined || (this.#base?.has(id) ?? false);
  }

  get(id: CommitId): PlacedCommit | undefined {
    const row = this.#ids.rowOf(id);
    return row === undefined ? this.#base?.get(id) : this.#placed(row, id);
  }

  /** Adding twice is adding once. Parents that are not there count as absent for good. */
  add({ id, parents, committedAt }: CommitNode): void {
    if (this.has(id)) return;
    for (const parent of parents) this.#parents.push(this.#codeOf(parent));
    this.#place(this.#ids.add(id), committedAt);
  }

  /** Adds many, none of which is there yet. */
  addAll({ ids, parents, outsiders, parentsEnd, times }: CommitRows): void {
    const outside = idsIn(outsiders).map((id) => this.#codeOf(id));
    const first = this.#ids.addAll(ids);
    let parent = 0;
    for (let place = 0; place < parentsEnd.length; place += 1) {
      for (const end = parentsEnd[place] ?? parent; parent < end; parent += 1) {
        const code = parents[parent] ?? 0;
        this.#parents.push(code >= 0 ? first + code : (outside[~code] ?? 0));
      }
      this.#place(first + place, times[place] ?? 0);
    }
  }

  /** The rows from `start` up to `end`. */
  rows(start: number, end: number): CommitRows {
    const outsiders: CommitId[] = [];
    const from = this.#parentsStart(start);
    const codes = this.#parents.slice(from, this.#parentsStart(end));
    return {
      ids: this.#ids.bytes(start, end),
      parents: codes.map((code) => (code >= start ? code - start : ~(outsiders.push(this.#idOf(code)) - 1))),
      outsiders: bytesOf(outsiders),
      parentsEnd: this.#parentsEnd.slice(start, end).map((parentsEnd) => parentsEnd - from),
      times: this.#times.slice(start, end),
    };
  }

  *commits(): Iterable<PlacedCommit> {
    if (this.#base) yield* this.#base.commits();
    for (let row = 0; row < this.#ids.size; row += 1) yield this.#placed(row, this.#ids.idAt(row));
  }

  /** Commits of this graph, not of its base, have rows: 0 for the first one that was added. */
  rowOf(id: CommitId): number | undefined {
    return this.#ids.rowOf(id);
  }

  idAt(row: number): CommitId {
    return this.#ids.idAt(row);
  }

  committedAt(row: number): number {
    return this.#times.at(row);
  }

  parentsAt(row: number): readonly CommitId[] {
    return this.#codes(row).map((code) => this.#idOf(code));
  }

  /** Those that have rows. */
  parentRows(row: number): readonly number[] {
    const rows: number[] = [];
    const end = this.#parentsEnd.at(row);
    for (let at = this.#parentsStart(row); at < end; at += 1)
      if (this.#parents.at(at) >= 0) rows.push(this.#parents.at(at));
    return rows;
  }

  /** The row of the first parent, where that has one. */
  firstParentRow(row: number): number | undefined {
    const start = this.#parentsStart(row);
    const code = this.#parents.at(start);
    return start < this.#parentsEnd.at(row) && code >= 0 ? code : undefined;
  }

  parentCountAt(row: number): number {
    return this.#parentsEnd.at(row) - this.#parentsStart(row);
  }

  /** The rows that are nobody's parents. Whatever is not the last of its chain has a child there. */
  topRows(): Set<number> {
    const tops = new Set(this.#chains.map(({ tip }) => tip));
    for (const { joins } of this.#chains)
      for (const parent of joins.flatMap(({ parents }) => parents)) {
        const row = this.rowOf(parent);
        if (row !== undefined) tops.delete(row);
      }
    return tops;
  }

  isRoot(row: number): boolean {
    return this.parentCountAt(row) === 0;
  }

  /** As `isEarlier` of their nodes. */
  isEarlier(row: number, other: number): boolean {
    const time = this.#times.at(row);
    const otherTime = this.#times.at(other);
    return time === otherTime ? this.#ids.compare(row, other) < 0 : time < otherTime;
  }

  #codeOf(parent: CommitId): number {
    return this.#ids.rowOf(parent) ?? ~(this.#foreign.push(parent) - 1);
  }

  #parentsStart(row: number): number {
    return row === 0 ? 0 : this.#parentsEnd.at(row - 1);
  }

  #codes(row: number): number[] {
    const codes: number[] = [];
    const end = this.#parentsEnd.at(row);
    for (let at = this.#parentsStart(row); at < end; at += 1) codes.push(this.#parents.at(at));
    return codes;
  }

  #idOf(code: number): CommitId {
    return code >= 0 ? this.#ids.idAt(code) : defined(this.#foreign[~code]);
  }

  #placed(row: number, id: CommitId): PlacedCommit {
    return {
      id,
      parents: this.parentsAt(row),
      committedAt: this.#times.at(row),
      generation: this.#generations.at(row),
      chain: defined(this.#chains[this.#chainOf.at(row)]),
      place: this.#places.at(row),
    };
  }

  /** The parents' codes have been pushed. */
  #place(row: number, committedAt: number): void {
    const start = this.#parentsStart(row);
    const end = this.#parents.length;
    let highest = 0;
    let before: number | undefined;
    for (let at = start; at < end; at += 1) {
      const code = this.#parents.at(at);
      highest = Math.max(highest, this.#generationOf(code));
      if (before === undefined && this.#isTip(code)) before = code;
    }
    this.#parentsEnd.push(end);
    this.#times.push(committedAt);
    this.#generations.push(1 + highest);
    const index = before === undefined ? this.#chains.length : this.#chainOf.at(before);
    const chain = this.#chains[index] ?? { joins: [], length: 0, tip: row };
    if (before === undefined) this.#chains.push(chain);
    // Nearly every commit has one parent, which the chain goes on from.
    if (end - start > 1 || (end - start === 1 && before === undefined)) {
      const parents = this.#codes(row)
        .filter((code) => code !== before)
        .map((code) => this.#idOf(code));
      chain.joins.push({ place: chain.length, generation: 1 + highest, parents });
    }
    this.#chainOf.push(index);
    this.#places.push(chain.length);
    chain.length += 1;
    chain.tip = row;
  }

  #isTip(code: number): boolean {
    return code >= 0 && this.#chains[this.#chainOf.at(code)]?.tip === code;
  }

  #generationOf(code: number): number {
    return code >= 0 ? this.#generations.at(code) : (this.#base?.get(this.#idOf(code))?.generation ?? 0);
  }
}

/** What a row names is there: the rows are our own. */
function defined<T>(value: T | undefined): T {
  if (value === undefined) throw new SyncError('UNREACHABLE', { value: 'a row of a commit graph' });
  return value;
}
