import type { ObjectId } from '../../../ids.ts';
import type { PackIndex } from './pack-index.ts';

/** An index read the other way round: what begins at an offset, what stands behind it, and where each ends. */
export interface PackLayout {
  /** How many entries stand before the one that begins at the offset; undefined where none begins. */
  rankOf(offset: number): number | undefined;
  /** Of a rank that there is, as what follows. */
  idAt(rank: number): ObjectId;
  crcAt(rank: number): number;
  startAt(rank: number): number;
  endAt(rank: number): number;
}

/** `end` is where the last entry ends. */
export function createPackLayout(index: PackIndex, end: number): PackLayout {
  const offsets = new Float64Array(index.count);
  for (let place = 0; place < index.count; place += 1) offsets[place] = index.offsetAt(place);
  // Numbers in a typed array are sorted without a call for each two of them.
  offsets.sort();
  const places = new Uint32Array(index.count);
  for (let place = 0; place < index.count; place += 1) places[rankIn(offsets, index.offsetAt(place)) ?? 0] = place;

  return {
    rankOf: (offset) => rankIn(offsets, offset),
    idAt: (rank) => index.at(places[rank] ?? 0).id,
    crcAt: (rank) => index.crcAt(places[rank] ?? 0),
    startAt: (rank) => offsets[rank] ?? end,
    endAt: (rank) => offsets[rank + 1] ?? end,
  };
}

/** Where a number stands in a list that ascends. */
function rankIn(sorted: Float64Array, wanted: number): number | undefined {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return sorted[low] === wanted ? low : undefined;
}
