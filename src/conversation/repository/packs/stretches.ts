import { crc32 } from 'node:zlib';
import type { CommitId, ObjectId } from '../../../ids.ts';
import type { StoredStretch } from '../repository.ts';
import { parseEntryHeader } from './pack-entry.ts';
import type { PackLayout } from './pack-layout.ts';
import type { RandomAccess } from './random-access.ts';

/** A stretch is no longer, and a larger object is part of none. */
const STRETCH_BYTES = 64 * 1024;
/** Of all stretches that are in memory at once. */
const STRETCHES_BYTES = 1024 * 1024;

export interface LaidOut {
  readonly access: RandomAccess;
  readonly layout: PackLayout;
}

/** An object, and how many stand before it in the pack. */
export interface WantedEntry {
  readonly id: ObjectId | CommitId;
  readonly rank: number;
}

/**
 * Of these entries, those that are no deltas and that agree with the index, in the order of the pack, as many as are in memory
 * at once: what lies together is passed on together, which costs a third of passing on one after the other.
 */
export async function stretchesOf(
  { access, layout }: LaidOut,
  wanted: readonly WantedEntry[],
): Promise<StoredStretch[]> {
  const found: StoredStretch[] = [];
  const placed = wanted.map(({ id, rank }) => ({ id, rank, start: layout.startAt(rank), end: layout.endAt(rank) }));
  let left = STRETCHES_BYTES;
  for (const entries of adjoining(placed.sort((a, b) => a.rank - b.rank))) {
    const { start, end } = spanOf(entries);
    left -= end - start;
    if (left < 0) break;
    const read = await access.at(start, end - start);
    const isIntact = (entry: Placed) => {
      const raw = read.subarray(entry.start - start, entry.end - start);
      return isWhole(raw) && crc32(raw) === layout.crcAt(entry.rank);
    };
    for (const intact of adjoining(entries.filter(isIntact))) found.push(stretchOf(intact, { read, start, layout }));
  }
  return found;
}

interface Placed extends WantedEntry {
  readonly start: number;
  readonly end: number;
}

/** Those of ascending entries that stand one behind the other, as long as a stretch may be. */
function* adjoining(ascending: Iterable<Placed>): Iterable<readonly Placed[]> {
  let together: Placed[] = [];
  let start = 0;
  let end = 0;
  for (const entry of ascending) {
    if (entry.end - entry.start > STRETCH_BYTES) continue;
    const isNext = end === entry.start && entry.end - start <= STRETCH_BYTES;
    if (!isNext) {
      if (together.length > 0) yield together;
      together = [];
      start = entry.start;
    }
    together.push(entry);
    end = entry.end;
  }
  if (together.length > 0) yield together;
}

function spanOf(entries: readonly Placed[]): { readonly start: number; readonly end: number } {
  return { start: entries[0]?.start ?? 0, end: entries.at(-1)?.end ?? 0 };
}

function isWhole(raw: Uint8Array): boolean {
  try {
    return parseEntryHeader(raw, 0)?.kind === 'whole';
  } catch {
    // It begins as no entry does.
    return false;
  }
}

interface ReadStretch extends Pick<LaidOut, 'layout'> {
  readonly read: Uint8Array;
  /** Where it begins in the pack. */
  readonly start: number;
}

function stretchOf(entries: readonly Placed[], { read, start: readAt, layout }: ReadStretch): StoredStretch {
  const { start, end } = spanOf(entries);
  return {
    bytes: read.subarray(start - readAt, end - readAt),
    entries: entries.map((entry) => ({ id: entry.id, crc: layout.crcAt(entry.rank), end: entry.end - start })),
  };
}
