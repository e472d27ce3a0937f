import type { ObjectId } from '../../../ids.ts';
import type { PackIndex } from './pack-index.ts';

/** An index read the other way round: what begins at an offset, and where it ends. */
export interface PackLayout {
  entryAt(offset: number): PlacedEntry | undefined;
}

interface PlacedEntry {
  readonly id: ObjectId;
  readonly end: number;
  /** CRC-32 over the entry. */
  readonly crc: number;
}

/** `end` is where the last entry ends. */
export function createPackLayout(index: PackIndex, end: number): PackLayout {
  const offsets = Float64Array.from({ length: index.count }, (_, place) => index.at(place).offset);
  const places = Uint32Array.from(offsets.keys()).sort((a, b) => (offsets[a] ?? 0) - (offsets[b] ?? 0));
  offsets.sort();

  return {
    entryAt(offset) {
      const rank = rankOf(offsets, offset);
      const place = rank === undefined ? undefined : places[rank];
      if (rank === undefined || place === undefined) return undefined;
      const { id, crc } = index.at(place);
      return { id, crc, end: offsets[rank + 1] ?? end };
    },
  };
}

/** Where a number stands in a list that ascends. */
function rankOf(sorted: Float64Array, wanted: number): number | undefined {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return sorted[low] === wanted ? low : undefined;
}
