import { deflateSync } from 'node:zlib';
import { ID_BYTES } from '../../../id-bytes.ts';
import type { ObjectId } from '../../../ids.ts';
import { DELTA_BASES_TRIED, DELTA_CHAIN_WRITTEN, DELTA_OBJECT_BYTES } from '../../../limits.ts';
import type { ReadLoose } from '../housekeeping/loose-survey.ts';
import type { ObjectType, StoredObject } from '../repository.ts';
import { createDeltaBase, type DeltaBase, makeDelta } from './make-delta.ts';

interface Candidate {
  readonly id: ObjectId;
  readonly type: ObjectType;
  readonly base: DeltaBase;
  /** Deltas below it. */
  readonly depth: number;
}

/** Below this, a delta cannot save anything worth the trouble. */
const SMALLEST_BYTES = 64;

/**
 * Deltas for those objects that one of the last few before them nearly holds: trees of successive commits differ in one
 * entry. Made in the order given; an object stands on one before it.
 */
export function chooseDeltas(ids: readonly ObjectId[], read: ReadLoose): ReadonlyMap<ObjectId, StoredObject> {
  const chosen = new Map<ObjectId, StoredObject>();
  let lately: readonly Candidate[] = [];
  for (const id of ids) {
    const object = read(id);
    const size = object?.bytes.byteLength ?? 0;
    if (!object || size < SMALLEST_BYTES || size > DELTA_OBJECT_BYTES) continue;
    const best = bestDelta(
      object.bytes,
      lately.filter(({ type }) => type === object.type),
    );
    if (best) chosen.set(id, storedDelta(best.delta, best.on.id));
    const depth = best ? best.on.depth + 1 : 0;
    lately = [...lately, { id, type: object.type, base: createDeltaBase(object.bytes), depth }].slice(
      -DELTA_BASES_TRIED,
    );
  }
  return chosen;
}

function bestDelta(target: Uint8Array, candidates: readonly Candidate[]) {
  let best: { readonly delta: Uint8Array; readonly on: Candidate } | undefined;
  // The delta names its base as well.
  let limit = Math.floor(target.byteLength / 2) - ID_BYTES;
  for (const on of candidates.toReversed()) {
    if (on.depth >= DELTA_CHAIN_WRITTEN) continue;
    const delta = makeDelta(on.base, target, limit);
    if (!delta) continue;
    best = { delta, on };
    limit = delta.byteLength - 1;
  }
  return best;
}

function storedDelta(delta: Uint8Array, base: ObjectId): StoredObject {
  return { form: { base }, size: delta.byteLength, deflated: deflateSync(delta) };
}
