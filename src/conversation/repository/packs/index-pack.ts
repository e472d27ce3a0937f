import { SyncError } from '../../../errors.ts';
import { asCommitId } from '../../../id-bytes.ts';
import type { CommitId, ObjectId } from '../../../ids.ts';
import { DELTA_CHAIN_LENGTH } from '../../../limits.ts';
import { objectIdOf } from '../objects/object-id.ts';
import type { GitObject } from '../repository.ts';
import type { IndexEntry } from './pack-index.ts';
import { createPackParser, type PackEntry, type PackLimits, requireWithin } from './pack-parser.ts';
import { createBaseCache, type PackSource, readPacked } from './packed-object.ts';
import type { RandomAccess } from './random-access.ts';

export interface IndexedPack {
  /** One for each object, the appended bases included. */
  readonly entries: readonly IndexEntry[];
  readonly commitIds: readonly CommitId[];
  /** As the pack arrived; another one is due when bases were appended. */
  readonly checksum: Uint8Array;
}

export interface IndexPackOptions {
  readonly limits: PackLimits & { readonly workBytes: number };
  /** The pack by offset, once the stream has ended. */
  readonly access: () => Promise<RandomAccess>;
  /** Bases for a thin pack. Without it, a thin pack is malformed. */
  readonly thin?: ThinPackBases;
  /** Told of the objects that lie whole in the pack, as they come. */
  readonly onWhole?: ((id: ObjectId, object: GitObject) => void) | undefined;
  /** Called often, so that a large pack does not keep everything else in the process waiting. */
  readonly breathe: () => Promise<void>;
  readonly signal: AbortSignal;
}

interface ThinPackBases {
  find(id: ObjectId): Promise<GitObject | undefined>;
  /** Adds the object at the end of the pack and says where it stands. */
  append(object: GitObject): Promise<Place>;
}

export interface Place {
  readonly offset: number;
  readonly crc: number;
}

/**
 * Computes the index of a pack that arrives as a stream, as `git index-pack --fix-thin` does: whole objects are hashed
 * as they come by, deltas are resolved afterwards, each right after its base, so that memory holds a few bases and
 * never the pack. Throws MALFORMED, LIMIT_EXCEEDED, and the signal's reason.
 */
export async function indexPack(chunks: AsyncIterable<Uint8Array>, options: IndexPackOptions): Promise<IndexedPack> {
  const deltas = new PendingDeltas();
  const found: Resolved[] = [];
  const parser = createPackParser(options.limits);
  const takeWhole = (place: Place, object: GitObject) => {
    const entry = resolved(place, object);
    found.push(entry);
    options.onWhole?.(entry.id, object);
  };
  const take = (entries: Iterable<PackEntry>) => {
    for (const entry of entries) {
      if (entry.header.kind === 'whole') takeWhole(entry, { type: entry.header.type, bytes: entry.bytes });
      else deltas.add(entry.header, { offset: entry.offset, crc: entry.crc });
    }
  };
  for await (const chunk of chunks) {
    options.signal.throwIfAborted();
    take(parser.push(chunk));
  }
  take(parser.end());
  if (deltas.count > 0) found.push(...(await resolveDeltas(found, deltas, options)));
  requireDistinct(found);
  return {
    entries: found,
    commitIds: found.filter(({ isCommit }) => isCommit).map(({ id }) => asCommitId(id)),
    checksum: parser.checksum,
  };
}

interface Resolved extends IndexEntry {
  readonly isCommit: boolean;
}

function resolved({ offset, crc }: Place, { type, bytes }: GitObject): Resolved {
  return { id: objectIdOf(type, bytes), offset, crc, isCommit: type === 'commit' };
}

/** Deltas that wait for their base, by what they know of it. */
class PendingDeltas {
  count = 0;
  readonly #byOffset = new Map<number, Place[]>();
  readonly #byId = new Map<ObjectId, Place[]>();

  add(header: Exclude<PackEntry['header'], { kind: 'whole' }>, place: Place): void {
    this.count += 1;
    if (header.kind === 'offset-delta') append(this.#byOffset, place.offset - header.distance, place);
    else append(this.#byId, header.base, place);
  }

  /** Those that stand on this object; they wait no longer. */
  takeChildren({ offset, id }: { offset?: number; id: ObjectId }): readonly Place[] {
    const onOffset = offset === undefined ? [] : (this.#byOffset.get(offset) ?? []);
    const children = [...onOffset, ...(this.#byId.get(id) ?? [])];
    if (offset !== undefined) this.#byOffset.delete(offset);
    this.#byId.delete(id);
    this.count -= children.length;
    return children;
  }

  waitFor(id: ObjectId): boolean {
    return this.#byId.has(id);
  }

  missingBases(): readonly ObjectId[] {
    return [...this.#byId.keys()];
  }
}

async function resolveDeltas(
  whole: readonly Resolved[],
  deltas: PendingDeltas,
  options: IndexPackOptions,
): Promise<Resolved[]> {
  const { limits, thin } = options;
  const offsets = new Map<ObjectId, number>();
  let workBytes = 0;
  const source: PackSource = {
    access: await options.access(),
    bases: createBaseCache(),
    offsetOf: (id) => offsets.get(id),
    ...(thin && { outside: thin.find }),
    charge(bytes) {
      workBytes += bytes;
      requireWithin({ what: 'Work on the pack', limit: limits.workBytes, actual: workBytes });
    },
  };
  const found: Resolved[] = [];

  /** Depth first: the base was made a moment ago and is still in the cache. */
  async function resolveOnto(children: readonly Place[]): Promise<void> {
    const waiting = children.map((place) => ({ place, depth: 1 }));
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      options.signal.throwIfAborted();
      // Counted here, because the cache hides how long the chain is to somebody who comes for its end alone.
      const { place, depth } = next;
      requireWithin({ what: 'Delta chain', limit: DELTA_CHAIN_LENGTH, actual: depth });
      const entry = resolved(place, await readPacked(source, place.offset));
      found.push(entry);
      waiting.push(...childrenOf(entry).map((child) => ({ place: child, depth: depth + 1 })));
      if (found.length % 256 === 0) await options.breathe();
    }
  }

  function childrenOf(base: Resolved): readonly Place[] {
    const children = deltas.takeChildren(base);
    if (children.length > 0) offsets.set(base.id, base.offset);
    return children;
  }

  for (const base of whole) await resolveOnto(childrenOf(base));
  const outside: ObjectId[] = [];
  for (const id of deltas.missingBases()) {
    // It may have turned up in the pack since, as a delta on another missing base.
    if (!deltas.waitFor(id) || !(await thin?.find(id))) continue;
    outside.push(id);
    await resolveOnto(deltas.takeChildren({ id }));
  }
  if (deltas.count > 0)
    throw new SyncError('MALFORMED', { what: 'pack', detail: `${deltas.count} deltas in it have no base` });
  return [...found, ...(await completeThinPack(outside, { found, thin }))];
}

/** Git keeps no thin packs on disk: the bases from outside join the pack, unless they came with it after all. */
async function completeThinPack(
  outside: readonly ObjectId[],
  { found, thin }: { found: readonly Resolved[]; thin: ThinPackBases | undefined },
): Promise<Resolved[]> {
  const inPack = new Set(found.map(({ id }) => id));
  const appended: Resolved[] = [];
  for (const id of outside.filter((id) => !inPack.has(id))) {
    const object = await thin?.find(id);
    if (thin && object) appended.push(resolved(await thin.append(object), object));
  }
  return appended;
}

/** Git never packs an object twice, and an index that lists one twice confuses every reader. */
function requireDistinct(entries: readonly Resolved[]): void {
  const ids = new Set(entries.map(({ id }) => id));
  if (ids.size !== entries.length)
    throw new SyncError('MALFORMED', { what: 'pack', detail: 'it holds an object twice' });
}

function append<Key>(lists: Map<Key, Place[]>, key: Key, place: Place): void {
  const list = lists.get(key);
  if (list) list.push(place);
  else lists.set(key, [place]);
}
