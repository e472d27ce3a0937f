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

/** Objects that are known already. */
export interface Known {
  /** Undefined for one that is not; its id begins at `at`. */
  rowOfBytes(ids: Buffer, at: number): number | undefined;
}

const PLACES_BETWEEN_PAUSES = 10_000;
/** Of a number that says first where an object stands in its stretch, and then its place in the index: what the first part counts. */
const PLACES = 2 ** 32;

/**
 * All objects of the packs but those that are known already. One that lies in several packs is part of a slice of that
 * one which is looked into first.
 */
export async function* slicesOf(
  packs: readonly PackPlace[],
  known: Known = { rowOfBytes: () => undefined },
): AsyncGenerator<PackSlice> {
  for (const [pack, { size, index }] of packs.entries()) {
    const earlier = packs.slice(0, pack).map((other) => other.index);
    const isPassedOver = (place: number, ids: Buffer, at: number) =>
      known.rowOfBytes(ids, at) !== undefined || isIn(earlier, index, place);
    const { keys, ends } = await keysByStretch(index, size);
    let start = 0;
    for (const end of ends) {
      // Numbers in a typed array are sorted without a call for each two of them.
      const slice = sliceOf(keys.subarray(start, end).sort(), { pack, index, isPassedOver });
      if (slice.offsets.length > 0) yield slice;
      start = end;
    }
  }
}

/** Of all objects, those of one stretch of the pack beside each other, and where those of each stretch end. */
async function keysByStretch(index: PackIndex, size: number): Promise<{ keys: Float64Array; ends: Int32Array }> {
  const stretchOf = (offset: number) => Math.floor(offset / SCREENING_SLICE_BYTES);
  const offsets = new Float64Array(index.count);
  const starts = new Int32Array(stretchOf(size) + 2);
  for (let place = 0; place < index.count; place += 1) {
    if (place % PLACES_BETWEEN_PAUSES === 0) await breathe();
    const offset = Math.min(index.offsetAt(place), size);
    const after = stretchOf(offset) + 1;
    offsets[place] = offset;
    starts[after] = (starts[after] ?? 0) + 1;
  }
  for (let at = 1; at < starts.length; at += 1) starts[at] = (starts[at] ?? 0) + (starts[at - 1] ?? 0);
  const keys = new Float64Array(index.count);
  for (let place = 0; place < index.count; place += 1) {
    if (place % PLACES_BETWEEN_PAUSES === 0) await breathe();
    const offset = offsets[place] ?? 0;
    const stretch = stretchOf(offset);
    const at = starts[stretch] ?? 0;
    keys[at] = (offset - stretch * SCREENING_SLICE_BYTES) * PLACES + place;
    starts[stretch] = at + 1;
  }
  // Each start has moved to the end of its stretch.
  return { keys, ends: starts };
}

function isIn(packs: readonly PackIndex[], index: PackIndex, place: number): boolean {
  if (packs.length === 0) return false;
  const { id } = index.at(place);
  return packs.some((pack) => pack.offsetOf(id) !== undefined);
}

interface Slicing {
  readonly pack: number;
  readonly index: PackIndex;
  readonly isPassedOver: (place: number, ids: Buffer, at: number) => boolean;
}

function sliceOf(keys: Float64Array, { pack, index, isPassedOver }: Slicing): PackSlice {
  const ids = Buffer.alloc(keys.length * ID_BYTES);
  const offsets = new Float64Array(keys.length);
  let length = 0;
  for (const key of keys) {
    const place = key % PLACES;
    const at = length * ID_BYTES;
    index.copyIdAt(place, { bytes: ids, at });
    if (isPassedOver(place, ids, at)) continue;
    offsets[length] = index.offsetAt(place);
    length += 1;
  }
  // Alone in its memory: otherwise what was passed over would go along to the thread.
  return { pack, offsets: offsets.slice(0, length), ids: new Uint8Array(ids.subarray(0, length * ID_BYTES)) };
}
