import { setImmediate as breathe } from 'node:timers/promises';
import { ID_BYTES } from '../../id-bytes.ts';
import { SCREENING_SLICE_BYTES } from '../../limits.ts';
import type { PackIndex } from '../repository/packs/pack-index.ts';
import type { PackPlace } from '../repository/repository.ts';

/** Objects that stand one behind the other in a pack, for one thread to read. */
export interface PackSlice {
  /** Which of the packs. */
  readonly pack: number;
  /** Ascending. */
  readonly offsets: Float64Array;
  /** The ids that the index gives the objects, 20 bytes each. */
  readonly ids: Uint8Array;
}

const PLACES_BETWEEN_PAUSES = 10_000;

/**
 * All objects of the packs but those that are known already. One that lies in several packs is part of a slice of that
 * one which is looked into first.
 */
export async function* slicesOf(
  packs: readonly PackPlace[],
  isKnown: (id: Buffer) => boolean = () => false,
): AsyncGenerator<PackSlice> {
  for (const [pack, { size, index }] of packs.entries()) {
    const earlier = packs.slice(0, pack).map((other) => other.index);
    const { places, ends } = await placesByStretch(index, size);
    let start = 0;
    for (const end of ends) {
      const stretch = places.subarray(start, end).sort((a, b) => index.offsetAt(a) - index.offsetAt(b));
      const own = stretch.filter((place) => !isKnown(index.idBytesAt(place)) && !isIn(earlier, index, place));
      if (own.length > 0) yield sliceAt(own, { pack, index });
      start = end;
    }
  }
}

/** The places of the index, those of one stretch of the pack beside each other, and where the places of each stretch end. */
async function placesByStretch(index: PackIndex, size: number): Promise<{ places: Int32Array; ends: Int32Array }> {
  const stretchOf = (place: number) => Math.floor(Math.min(index.offsetAt(place), size) / SCREENING_SLICE_BYTES);
  const starts = new Int32Array(Math.floor(size / SCREENING_SLICE_BYTES) + 2);
  for (let place = 0; place < index.count; place += 1) {
    if (place % PLACES_BETWEEN_PAUSES === 0) await breathe();
    starts[stretchOf(place) + 1] = (starts[stretchOf(place) + 1] ?? 0) + 1;
  }
  for (let at = 1; at < starts.length; at += 1) starts[at] = (starts[at] ?? 0) + (starts[at - 1] ?? 0);
  const places = new Int32Array(index.count);
  for (let place = 0; place < index.count; place += 1) {
    if (place % PLACES_BETWEEN_PAUSES === 0) await breathe();
    const at = starts[stretchOf(place)] ?? 0;
    places[at] = place;
    starts[stretchOf(place)] = at + 1;
  }
  // Each start has moved to the end of its stretch.
  return { places, ends: starts };
}

function isIn(packs: readonly PackIndex[], index: PackIndex, place: number): boolean {
  if (packs.length === 0) return false;
  const { id } = index.at(place);
  return packs.some((pack) => pack.offsetOf(id) !== undefined);
}

function sliceAt(places: Int32Array, { pack, index }: { pack: number; index: PackIndex }): PackSlice {
  const ids = new Uint8Array(places.length * ID_BYTES);
  const offsets = new Float64Array(places.length);
  for (let at = 0; at < places.length; at += 1) {
    const place = places[at] ?? 0;
    ids.set(index.idBytesAt(place), at * ID_BYTES);
    offsets[at] = index.offsetAt(place);
  }
  return { pack, offsets, ids };
}
