import { SyncError } from '../../errors.ts';
import type { Interaction } from '../../events/interaction.ts';
import { type Heading, kindOf, targetOf } from '../../events/linearized-history.ts';
import { asCommitId, bytesOf, ID_BYTES, idFromBytes } from '../../id-bytes.ts';
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
  /** Places in the stretch of what edits, deletes or reacts, and the ids of what. */
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
  /** Rows that edit, delete or react, in the order they came, by the id of what: that may come later, or never. */
  readonly #changes = new Map<CommitId, number[]>();

  get size(): number {
    return this.graph.size;
  }

  /** Adding twice is adding once. */
  add(interaction: UnlinkedInteraction): void {
    if (this.graph.has(interaction.id)) return;
    const { author, device, content } = interaction;
    const row = this.size;
    this.graph.add(interaction);
    this.#headed.push(this.#placeOf({ kind: kindOf(content), ...(author && { author }), device }));
    this.#contents.add(content);
    const target = targetOf(content);
    if (target) this.#noteChange(row, target);
  }

  /** Adds rows of another store that come after these. */
  addRows(rows: Rows): void {
    const from = this.size;
    this.graph.addAll(rows);
    const places = rows.headings.map((heading) => this.#placeOf(heading));
    this.#headed.pushAll(rows.headed.map((place) => places[place] ?? 0));
    this.#contents.addAll(rows.contents, rows.contentsEnd);
    for (const [index, place] of rows.changes.entries())
      this.#noteChange(from + place, asCommitId(idFromBytes(rows.targets, index * ID_BYTES)));
  }

  /** The rows from `start` up to `end`. */
  rows(start: number, end: number): Rows {
    const stretch = Array.from({ length: end - start }, (_, place) => start + place);
    const changes = stretch.flatMap((row) => {
      const target = CHANGES.has(this.heading(row).kind) ? targetOf(this.#contents.at(row)) : undefined;
      return target ? [{ place: row - start, target }] : [];
    });
    const contents = stretch.map((row) => this.#contents.bytesAt(row));
    const used = [...new Set(stretch.map((row) => this.#headed.at(row)))];
    const places = new Map(used.map((place, index) => [place, index]));
    return {
      ...this.graph.rows(start, end),
      headings: used.map((place) => this.#headingAt(place)),
      headed: this.#headed.slice(start, end).map((place) => places.get(place) ?? 0),
      changes: Int32Array.from(changes, ({ place }) => place),
      targets: bytesOf(changes.map(({ target }) => target)),
      contents: Buffer.concat(contents),
      contentsEnd: endsOf(contents.map(({ byteLength }) => byteLength)),
    };
  }

  /** As what comes after another interaction, where that is given. */
  at(row: number, linearizedParent?: CommitId): Interaction {
    const { author, device } = this.heading(row);
    return {
      id: this.graph.idAt(row),
      parents: this.graph.parentsAt(row),
      ...(linearizedParent && { linearizedParent }),
      ...(author && { author }),
      device,
      committedAt: this.graph.committedAt(row),
      content: this.#contents.at(row),
    };
  }

  heading(row: number): Heading {
    return this.#headingAt(this.#headed.at(row));
  }

  /** What edits, deletes or reacts to what a row says, in the order they came. */
  changesOf(row: number): readonly number[] {
    return this.#changes.get(this.graph.idAt(row)) ?? [];
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

function endsOf(lengths: readonly number[]): Int32Array {
  let end = 0;
  return Int32Array.from(lengths, (length) => {
    end += length;
    return end;
  });
}
