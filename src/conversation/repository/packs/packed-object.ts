import { type ByteCache, createByteCache } from '../../../byte-cache.ts';
import { SyncError } from '../../../errors.ts';
import type { ObjectId } from '../../../ids.ts';
import { DELTA_CHAIN_LENGTH } from '../../../limits.ts';
import type { GitObject } from '../repository.ts';
import { applyDelta } from './delta.ts';
import { inflateExactly } from './inflate.ts';
import { type EntryHeader, parseEntryHeader } from './pack-entry.ts';
import type { RandomAccess } from './random-access.ts';

/** A pack whose objects are read by their offset. */
export interface PackSource {
  readonly access: RandomAccess;
  /** Objects by their offset: bases are read again and again. */
  readonly bases: ByteCache<number, GitObject>;
  /** Where an object stands in the same pack. */
  offsetOf(id: ObjectId): number | undefined;
  /** A base that is not in the pack: only a pack on its way in may need one. */
  outside?(id: ObjectId): Promise<GitObject | undefined>;
  /** Told of the bytes of every object that had to be made. Ends the reading by throwing. */
  charge?(bytes: number): void;
}

/** "PACK", version, number of objects. */
export const PACK_HEADER_BYTES = 12;

const BASE_CACHE_BYTES = 16 * 1024 * 1024;
/** Holds the header and, nearly always, the whole of a conversation's object. */
const FIRST_READ_BYTES = 4096;

export function createBaseCache(): ByteCache<number, GitObject> {
  // The constant stands for what an object costs beside its bytes, so that empty ones are bounded as well.
  return createByteCache(BASE_CACHE_BYTES, (object) => object.bytes.byteLength + 256);
}

/** Reads the object at `offset`, following its deltas down to a whole object. Throws MALFORMED, LIMIT_EXCEEDED. */
export async function readPacked(pack: PackSource, offset: number): Promise<GitObject> {
  const deltas: { readonly offset: number; readonly bytes: Uint8Array }[] = [];
  let at = offset;
  let object = pack.bases.get(at);
  while (!object) {
    const { header, bytes } = await readEntry(pack.access, at);
    pack.charge?.(bytes.byteLength);
    if (header.kind === 'whole') {
      object = { type: header.type, bytes };
    } else {
      deltas.push({ offset: at, bytes });
      requireShortChain(deltas.length);
      const base = await findBase(pack, { header, at });
      if (typeof base === 'number') at = base;
      object = typeof base === 'number' ? pack.bases.get(base) : base;
    }
  }
  return applyDeltas(pack, { base: object, baseAt: at, deltas });
}

interface DeltaChain {
  readonly base: GitObject;
  readonly baseAt: number;
  /** The nearest to the wanted object first. */
  readonly deltas: readonly { readonly offset: number; readonly bytes: Uint8Array }[];
}

/** What stands alone is wanted once; what others are made from is kept for them. */
function applyDeltas(pack: PackSource, { base, baseAt, deltas }: DeltaChain): GitObject {
  let object = base;
  for (const [index, delta] of deltas.toReversed().entries()) {
    if (index === 0 && baseAt !== delta.offset) pack.bases.set(baseAt, base);
    object = { type: base.type, bytes: applyDelta(object.bytes, delta.bytes) };
    pack.charge?.(object.bytes.byteLength);
    pack.bases.set(delta.offset, object);
  }
  return object;
}

type DeltaHeader = Exclude<EntryHeader, { kind: 'whole' }>;

/** Where the base of a delta stands in the pack, or the base itself when it comes from outside. */
async function findBase(
  pack: PackSource,
  { header, at }: { header: DeltaHeader; at: number },
): Promise<number | GitObject> {
  const offset = header.kind === 'offset-delta' ? at - header.distance : pack.offsetOf(header.base);
  if (offset !== undefined && offset < PACK_HEADER_BYTES) throw malformed('a delta has its base outside of the pack');
  if (offset !== undefined) return offset;
  const outside = header.kind === 'id-delta' ? await pack.outside?.(header.base) : undefined;
  if (!outside) throw malformed('a delta has no base');
  return outside;
}

function requireShortChain(actual: number): void {
  if (actual > DELTA_CHAIN_LENGTH) {
    throw new SyncError('LIMIT_EXCEEDED', { what: 'Delta chain', limit: DELTA_CHAIN_LENGTH, actual });
  }
}

async function readEntry(access: RandomAccess, offset: number): Promise<{ header: EntryHeader; bytes: Uint8Array }> {
  for (let length = FIRST_READ_BYTES; ; length *= 4) {
    const read = await access.at(offset, length);
    const header = parseEntryHeader(read, 0);
    if (header) {
      const inflated = inflateExactly(read.subarray(header.next), header.size);
      if (inflated.outcome === 'done') return { header, bytes: inflated.bytes };
      if (length > mostDeflated(header.size)) throw malformed('an object does not end');
    }
    if (read.byteLength < length) throw malformed('it is cut short');
  }
}

/** No honest writer deflates `size` bytes to more than this; without it, a stream of empty blocks would never end. */
export function mostDeflated(size: number): number {
  return 2 * size + 65_536;
}

function malformed(detail: string): SyncError {
  return new SyncError('MALFORMED', { what: 'pack', detail });
}
