import { SyncError } from '../../errors.ts';
import { type Heading, kindOf, targetOf } from '../../events/linearized-history.ts';
import { asCommitId, ID_BYTES, idFromBytes, idToBytes } from '../../id-bytes.ts';
import type { CommitId } from '../../ids.ts';
import { Column } from '../graph/column.ts';
import { CommitGraph, type CommitRows } from '../graph/commit-graph.ts';
import { ContentBlocks } from './content-blocks.ts';
import type { UnlinkedInteraction } from './interaction-of.ts';

/** A stretch of rows, as it can lie on a disk. */
export interface Rows extends CommitRows {
  readonly headings: readonly Heading[];
  /** Of each row, its place among the headings. */
  readonly headed: Int32Array;
  /** Rows of this stretch that edit, delete or react, and the ids of what. */
  readonly changes: Int32Array;
  readonly targets: Buffer;
  readonly contents: Buffer;
  readonly contentsEnd: Int32Array;
}

/**
 * Interactions in the order they came, parents before children: a row for each, of which what it says is only read
 * when it is asked for.
 */
export class InteractionStore {
  readonly graph = new CommitGraph();
  readonly #headings: Heading[] = [];
  readonly #headingPlaces = new Map<string, number>();
  readonly #headed = new Column(Int32Array);
  readonly #contents = new ContentBlocks();
  /** Rows that edit, delete or react, by what, in the order they came. */
  readonly #changes = new Map<CommitId, number[]>();

  get size(): number {
    return this.graph.size;
  }

  /** Adding twice is adding once. */
  add(interaction: UnlinkedInteraction): void {
    if (this.graph.has(interaction.id)) return;
    const { author, device, content } = interaction;
    const target = targetOf(content);
    if (target) this.#noteChange(this.size, target);
    this.graph.add(interaction);
    this.#headed.push(this.#placeOf({ kind: kindOf(content), ...(author && { author }), device }));
    this.#contents.add(content);
  }

  /** Adds rows of another store that come after these. */
  addRows(rows: Rows): void {
    const from = this.size;
    this.graph.addAll(rows);
    const places = rows.headings.map((heading) => this.#placeOf(heading));
    for (const place of rows.headed) this.#headed.push(places[place] ?? 0);
    for (const [place, row] of rows.changes.entries()) this.#noteChange(from + row, idIn(rows.targets, place));
    this.#contents.addAll(rows.contents, rows.contentsEnd);
  }

  /** The rows from `start` up to `end`. */
  rows(start: number, end: number): Rows {
    const stretch = Array.from({ length: end - start }, (_, place) => start + place);
    const parents = stretch.map((row) => this.graph.parentsAt(row));
    const changes = stretch.flatMap((row) => {
      const target = CHANGES.has(this.heading(row).kind) ? targetOf(this.#contents.at(row)) : undefined;
      return target ? [{ row: row - start, target }] : [];
    });
    const contents = stretch.map((row) => this.#contents.bytesAt(row));
    const used = [...new Set(stretch.map((row) => this.#headed.at(row)))];
    const places = new Map(used.map((place, index) => [place, index]));
    return {
      headings: used.map((place) => this.#headingAt(place)),
      headed: Int32Array.from(stretch, (row) => places.get(this.#headed.at(row)) ?? 0),
      ids: bytesOf(stretch.map((row) => this.graph.idAt(row))),
      parents: bytesOf(parents.flat()),
      parentsEnd: endsOf(parents.map(({ length }) => length)),
      times: Float64Array.from(stretch, (row) => this.graph.committedAt(row)),
      changes: Int32Array.from(changes, ({ row }) => row),
      targets: bytesOf(changes.map(({ target }) => target)),
      contents: Buffer.concat(contents),
      contentsEnd: endsOf(contents.map(({ byteLength }) => byteLength)),
    };
  }

  at(row: number): UnlinkedInteraction {
    const { author, device } = this.heading(row);
    return {
      ...{ id: this.graph.idAt(row), parents: this.graph.parentsAt(row), ...(author && { author }), device },
      ...{ committedAt: this.graph.committedAt(row), content: this.#contents.at(row) },
    };
  }

  heading(row: number): Heading {
    return this.#headingAt(this.#headed.at(row));
  }

  /** In the order they came. */
  changesOf(id: CommitId): readonly number[] {
    return this.#changes.get(id) ?? [];
  }

  #noteChange(row: number, target: CommitId): void {
    const known = this.#changes.get(target);
    if (known) known.push(row);
    else this.#changes.set(target, [row]);
  }

  #placeOf(heading: Heading): number {
    const key = `${heading.kind} ${heading.author} ${heading.device}`;
    const known = this.#headingPlaces.get(key);
    if (known !== undefined) return known;
    this.#headingPlaces.set(key, this.#headings.length);
    return this.#headings.push(heading) - 1;
  }

  #headingAt(place: number): Heading {
    const heading = this.#headings[place];
    if (!heading) throw new SyncError('UNREACHABLE', { value: `heading ${place}` });
    return heading;
  }
}

/** Kinds of which an interaction names another one that it changes. */
const CHANGES: ReadonlySet<Heading['kind']> = new Set([
  'reaction-added',
  'message-edited',
  'message-deleted',
  'file-deleted',
  'document-removed',
]);

function idIn(bytes: Buffer, place: number): CommitId {
  return asCommitId(idFromBytes(bytes, place * ID_BYTES));
}

function bytesOf(ids: readonly CommitId[]): Buffer {
  return Buffer.concat(ids.map(idToBytes));
}

function endsOf(lengths: readonly number[]): Int32Array {
  let end = 0;
  return Int32Array.from(lengths, (length) => {
    end += length;
    return end;
  });
}
