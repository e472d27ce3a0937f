import { createHash } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';
import type { CommitId, ObjectId } from '../../../ids.ts';
import type { Objects, StoredObject, StoredStretch } from '../repository.ts';
import { formatEntryHeader, formatIdDeltaHeader, formatOffsetDeltaHeader } from './pack-entry.ts';
import type { IndexEntry } from './pack-index.ts';
import { PACK_HEADER_BYTES } from './packed-object.ts';

/** What one packet of git's holds beside the number of its band: small objects share a message, large ones do not pile up. */
const CHUNK_BYTES = 65_515;
/** So many are looked for together where they are stored. */
const OBJECTS_AT_ONCE = 256;
const PACK_VERSION = 2;

export interface PackOptions {
  /** Whether the reader understands deltas that name their base by its distance. By id everybody does. */
  readonly offsetDeltas?: boolean;
  /** Told of each entry, in the order of the pack. */
  readonly onEntry?: (entry: IndexEntry) => void;
}

type Id = ObjectId | CommitId;

/**
 * The bytes of a pack with these objects, made while they are read, in about this order: of a few hundred, those that lie together
 * go together, and bases come before their deltas.
 * What lies in a pack already goes as it is, a delta as well when its base goes along: nothing is inflated to be deflated again.
 * Throws OBJECT_MISSING, OBJECT_CORRUPT.
 */
export async function* packObjects(
  objects: Objects,
  ids: readonly Id[],
  { offsetDeltas = false, onEntry }: PackOptions = {},
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha1');
  const distinct = new Set(ids);
  const writer = new EntryWriter(objects, { wanted: distinct, offsetDeltas, onEntry });
  const gathered = new Gathered();
  gathered.add(formatPackHeader(distinct.size));
  for (const some of inGroups([...distinct], OBJECTS_AT_ONCE)) {
    for await (const part of writer.entriesFor(some)) {
      gathered.add(part);
      while (gathered.bytes >= CHUNK_BYTES) {
        const chunk = gathered.take(CHUNK_BYTES);
        hash.update(chunk);
        yield chunk;
      }
    }
  }
  const last = gathered.take(gathered.bytes);
  yield Buffer.concat([last, hash.update(last).digest()]);
}

function* inGroups(ids: readonly Id[], size: number): Iterable<readonly Id[]> {
  for (let at = 0; at < ids.length; at += size) yield ids.slice(at, at + size);
}

/** Bytes in pieces of any size, to be taken in pieces of another. */
class Gathered {
  bytes = 0;
  #parts: Uint8Array[] = [];

  add(part: Uint8Array): void {
    this.#parts.push(part);
    this.bytes += part.byteLength;
  }

  /** The first of them, as many as there are at most. */
  take(bytes: number): Buffer {
    const taken = Buffer.concat(this.#parts, bytes);
    let left = bytes;
    let whole = 0;
    for (const { byteLength } of this.#parts) {
      if (byteLength > left) break;
      left -= byteLength;
      whole += 1;
    }
    const rest = this.#parts[whole]?.subarray(left);
    this.#parts = [...(rest ? [rest] : []), ...this.#parts.slice(whole + 1)];
    this.bytes -= bytes;
    return taken;
  }
}

interface Going {
  readonly wanted: ReadonlySet<Id>;
  readonly offsetDeltas: boolean;
  readonly onEntry: PackOptions['onEntry'];
}

/** An object, as it is stored if that is of use. */
interface Link {
  readonly id: Id;
  readonly stored: StoredObject | undefined;
}

/** What it is stored as a delta on. */
function baseOf({ stored }: Link): ObjectId | undefined {
  return stored && 'base' in stored.form ? stored.form.base : undefined;
}

/** Makes the entries one after the other, and knows where each one stands. */
class EntryWriter {
  readonly #objects: Objects;
  readonly #going: Going;
  readonly #offsets = new Map<Id, number>();
  #offset = PACK_HEADER_BYTES;

  constructor(objects: Objects, going: Going) {
    this.#objects = objects;
    this.#going = going;
  }

  /** The entries of objects but those that were made before, each behind those of the bases that it needs. */
  async *entriesFor(ids: readonly Id[]): AsyncGenerator<Uint8Array> {
    const fresh = ids.filter((id) => !this.#offsets.has(id));
    for (const stretch of (await this.#objects.stretches?.(fresh)) ?? []) {
      this.#placeAll(stretch);
      yield stretch.bytes;
    }
    for (const id of fresh) if (!this.#offsets.has(id)) yield* await this.#entriesOf(id);
  }

  /** The entry of an object, behind those of the bases that it needs and that were not made before. */
  async #entriesOf(id: Id): Promise<readonly Uint8Array[]> {
    const link = await this.#linkOf(id);
    // Most stand alone.
    if (link.stored && baseOf(link) === undefined) return this.#place(id, await this.#entry(id, link.stored));
    const parts: Uint8Array[] = [];
    const chain = await this.#chainFrom(link);
    for (const { id: next, stored } of chain.toReversed())
      parts.push(...this.#place(next, await this.#entry(next, stored)));
    return parts;
  }

  async #linkOf(id: Id): Promise<Link> {
    return { id, stored: await this.#objects.stored?.(id) };
  }

  /** The object and the bases below it, up to one that was made before or that is no delta. */
  async #chainFrom(first: Link): Promise<readonly Link[]> {
    const chain: Link[] = [];
    const met = new Set<Id>();
    for (let link: Link | undefined = first; link; ) {
      met.add(link.id);
      const base = baseOf(link);
      // A base that does not go along leaves its delta without sense, and so does one that stands on its own delta.
      const isOfUse: boolean = base === undefined || (this.#going.wanted.has(base) && !met.has(base));
      chain.push(isOfUse ? link : { id: link.id, stored: undefined });
      link = isOfUse && base !== undefined && !this.#offsets.has(base) ? await this.#linkOf(base) : undefined;
    }
    return chain;
  }

  async #entry(id: Id, stored: StoredObject | undefined): Promise<readonly Uint8Array[]> {
    if (stored) return [this.#headerOf(stored), stored.deflated];
    const { type, bytes } = await this.#objects.read(id);
    // Level 1: signatures, ids and certificates hardly deflate, so more effort buys next to nothing.
    return [formatEntryHeader(type, bytes.byteLength), deflateSync(bytes, { level: 1 })];
  }

  #headerOf({ form, size }: StoredObject): Uint8Array {
    if ('type' in form) return formatEntryHeader(form.type, size);
    const baseAt = this.#offsets.get(form.base);
    return this.#going.offsetDeltas && baseAt !== undefined
      ? formatOffsetDeltaHeader(size, this.#offset - baseAt)
      : formatIdDeltaHeader(size, form.base);
  }

  #placeAll({ entries, bytes }: StoredStretch): void {
    const { onEntry } = this.#going;
    let start = 0;
    for (const { id, crc, end } of entries) {
      const offset = this.#offset + start;
      this.#offsets.set(id, offset);
      onEntry?.({ id: id as ObjectId, offset, crc });
      start = end;
    }
    this.#offset += bytes.byteLength;
  }

  #place(id: Id, parts: readonly Uint8Array[]): readonly Uint8Array[] {
    this.#offsets.set(id, this.#offset);
    const { onEntry } = this.#going;
    if (onEntry) onEntry({ id: id as ObjectId, offset: this.#offset, crc: crc32Of(parts) });
    for (const { byteLength } of parts) this.#offset += byteLength;
    return parts;
  }
}

function crc32Of(parts: readonly Uint8Array[]): number {
  return parts.reduce((crc, part) => crc32(part, crc), 0);
}

function formatPackHeader(count: number): Uint8Array {
  const header = Buffer.alloc(PACK_HEADER_BYTES);
  header.write('PACK', 'latin1');
  header.writeUInt32BE(PACK_VERSION, 4);
  header.writeUInt32BE(count, 8);
  return header;
}
