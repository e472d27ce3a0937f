import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { SyncError } from '../../../errors.ts';
import { ID_BYTES } from '../../../id-bytes.ts';
import { PACK_RATIO_FREE_BYTES } from '../../../limits.ts';
import { inflateExactly } from './inflate.ts';
import { type EntryHeader, parseEntryHeader } from './pack-entry.ts';
import { mostDeflated, PACK_HEADER_BYTES } from './packed-object.ts';

/** One entry as it came by. `bytes` are inflated: the object, or a delta. */
export interface PackEntry {
  readonly offset: number;
  readonly crc: number;
  readonly header: EntryHeader;
  readonly bytes: Uint8Array;
}

export interface PackLimits {
  readonly packBytes: number;
  readonly inflatedBytes: number;
  /** How many times the bytes that arrived, beyond `PACK_RATIO_FREE_BYTES`; any unless given. */
  readonly ratio?: number;
  readonly objects: number;
}

/** Takes a pack apart while it arrives, in whatever pieces. Holds no more than the entry that is not complete yet. */
export interface PackParser {
  /** The entries that became complete; take all of them before pushing more. Throws MALFORMED, LIMIT_EXCEEDED. */
  push(chunk: Uint8Array): Iterable<PackEntry>;
  /**
   * To be called at the end of the stream: the last entries. Afterwards the pack is complete and its checksum right, or
   * MALFORMED is thrown.
   */
  end(): Iterable<PackEntry>;
  /** Known once the pack is complete. */
  readonly checksum: Uint8Array;
}

export function createPackParser(limits: PackLimits): PackParser {
  return new StreamingPackParser(limits);
}

const SIGNATURE = 0x5041434b;

class StreamingPackParser implements PackParser {
  checksum: Uint8Array = new Uint8Array();
  readonly #limits: PackLimits;
  readonly #hash = createHash('sha1');
  /** What arrived and is not taken apart yet; joined only when there may be enough to go on. */
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  /** Below this there is no use in trying: doubled after each vain try, so that a large entry is not inflated over and over. */
  #worthTrying = PACK_HEADER_BYTES;
  #receivedBytes = 0;
  #inflatedBytes = 0;
  /** Where the first pending byte stands in the pack. */
  #offset = 0;
  #objectsLeft: number | undefined;
  #objects = 0;

  constructor(limits: PackLimits) {
    this.#limits = limits;
  }

  *push(chunk: Uint8Array): Iterable<PackEntry> {
    this.#receivedBytes += chunk.byteLength;
    requireWithin({ what: 'Pack', limit: this.#limits.packBytes, actual: this.#receivedBytes });
    this.#pending.push(chunk);
    this.#pendingBytes += chunk.byteLength;
    if (this.#pendingBytes >= this.#worthTrying) yield* this.#takeApart();
  }

  *end(): Iterable<PackEntry> {
    if (this.checksum.byteLength === 0) yield* this.#takeApart();
    if (this.checksum.byteLength > 0) return;
    const seen =
      this.#objectsLeft === undefined ? '' : `, with ${this.#objects - this.#objectsLeft} of ${this.#objects} objects`;
    throw malformed(`it is truncated after ${this.#receivedBytes} bytes${seen}`);
  }

  *#takeApart(): Iterable<PackEntry> {
    let rest = joined(this.#pending);
    for (let step = this.#step(rest); step; step = this.#step(rest)) {
      rest = rest.subarray(step.consumed);
      this.#offset += step.consumed;
      if (step.entry) yield step.entry;
    }
    if (this.checksum.byteLength > 0 && rest.byteLength > 0) throw malformed('bytes follow its checksum');
    this.#pending = [rest];
    this.#pendingBytes = rest.byteLength;
    this.#worthTrying = 2 * rest.byteLength;
  }

  /** The next part at the beginning of `rest`; undefined when it is not all there. */
  #step(rest: Uint8Array): { consumed: number; entry?: PackEntry } | undefined {
    if (this.checksum.byteLength > 0) return undefined;
    if (this.#objectsLeft === undefined) return this.#readHeader(rest);
    if (this.#objectsLeft === 0) return this.#readChecksum(rest);
    const header = parseEntryHeader(rest, 0);
    if (!header) return undefined;
    const inflated = inflateExactly(rest.subarray(header.next), header.size);
    if (inflated.outcome === 'short') {
      if (rest.byteLength > mostDeflated(header.size)) throw malformed('an object in it does not end');
      return undefined;
    }
    this.#inflatedBytes += header.size;
    requireWithin({ what: 'Content of the pack', limit: this.#mostInflated(), actual: this.#inflatedBytes });
    const raw = rest.subarray(0, header.next + inflated.consumed);
    this.#hash.update(raw);
    this.#objectsLeft -= 1;
    const entry = { offset: this.#offset, crc: crc32(raw), header, bytes: inflated.bytes };
    return { consumed: raw.byteLength, entry };
  }

  #mostInflated(): number {
    const { inflatedBytes, ratio = Number.POSITIVE_INFINITY } = this.#limits;
    return Math.min(inflatedBytes, PACK_RATIO_FREE_BYTES + ratio * this.#receivedBytes);
  }

  #readHeader(rest: Uint8Array): { consumed: number } | undefined {
    if (rest.byteLength < PACK_HEADER_BYTES) return undefined;
    const header = Buffer.from(rest.buffer, rest.byteOffset, PACK_HEADER_BYTES);
    if (header.readUInt32BE(0) !== SIGNATURE) throw malformed('it does not begin with "PACK"');
    const version = header.readUInt32BE(4);
    if (version !== 2 && version !== 3) throw malformed(`it is of version ${version}`);
    this.#objects = header.readUInt32BE(8);
    requireWithin({ what: 'Number of objects in the pack', limit: this.#limits.objects, actual: this.#objects });
    this.#objectsLeft = this.#objects;
    this.#hash.update(header);
    return { consumed: PACK_HEADER_BYTES };
  }

  #readChecksum(rest: Uint8Array): { consumed: number } | undefined {
    if (rest.byteLength < ID_BYTES) return undefined;
    const stated = Uint8Array.from(rest.subarray(0, ID_BYTES));
    if (!this.#hash.digest().equals(stated)) throw malformed('its checksum is wrong');
    this.checksum = stated;
    return { consumed: ID_BYTES };
  }
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [only] = chunks;
  return only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks);
}

export function requireWithin(data: { what: string; limit: number; actual: number }): void {
  if (data.actual > data.limit) throw new SyncError('LIMIT_EXCEEDED', data);
}

function malformed(detail: string): SyncError {
  return new SyncError('MALFORMED', { what: 'pack', detail });
}
