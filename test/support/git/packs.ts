/** Packs made by hand, right and wrong. */
import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { formatEntryHeader } from '../../../src/conversation/repository/packs/pack-entry.ts';
import { formatOffset, formatSize } from '../../../src/conversation/repository/packs/varint.ts';
import type { ObjectType } from '../../../src/conversation/repository/repository.ts';
import { idToBytes } from '../../../src/id-bytes.ts';
import type { ObjectId } from '../../../src/ids.ts';

export interface PackShape {
  /** What the header says; the number of entries when not given. */
  readonly count?: number;
  readonly version?: number;
}

/** A pack with a right checksum over whatever entries it is given. */
export function packOf(
  entries: readonly Uint8Array[],
  { count = entries.length, version = 2 }: PackShape = {},
): Buffer {
  const header = Buffer.alloc(12);
  header.write('PACK');
  header.writeUInt32BE(version, 4);
  header.writeUInt32BE(count, 8);
  const body = Buffer.concat([header, ...entries]);
  return Buffer.concat([body, createHash('sha1').update(body).digest()]);
}

/** `size` is what the entry claims; the truth when not given. */
export function wholeEntry(type: ObjectType, bytes: Uint8Array, size = bytes.byteLength): Buffer {
  return Buffer.concat([formatEntryHeader(type, size), deflateSync(bytes)]);
}

export function offsetDeltaEntry(distance: number, delta: Uint8Array): Buffer {
  return Buffer.concat([deltaHeader(6, delta.byteLength), formatOffset(distance), deflateSync(delta)]);
}

export function idDeltaEntry(base: ObjectId, delta: Uint8Array): Buffer {
  return Buffer.concat([deltaHeader(7, delta.byteLength), idToBytes(base), deflateSync(delta)]);
}

/** A delta that takes the first `kept` bytes of its base and adds some of its own. */
export function deltaOf(baseSize: number, kept: number, added: Uint8Array): Buffer {
  const parts: Uint8Array[] = [formatSize(baseSize), formatSize(kept + added.byteLength)];
  // Copy from offset 0: no offset byte, three bytes of length.
  if (kept > 0) parts.push(Uint8Array.of(0b11110000, kept & 0xff, (kept >> 8) & 0xff, (kept >> 16) & 0xff));
  for (let at = 0; at < added.byteLength; at += 127) {
    const piece = added.subarray(at, at + 127);
    parts.push(Uint8Array.of(piece.byteLength), piece);
  }
  return Buffer.concat(parts);
}

function deltaHeader(typeNumber: number, size: number): Uint8Array {
  if (size < 16) return Uint8Array.of((typeNumber << 4) | size);
  return Buffer.concat([Uint8Array.of(0x80 | (typeNumber << 4) | (size % 16)), formatSize(Math.floor(size / 16))]);
}

/** The bytes as a stream in pieces of `size`. */
export async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += size) yield bytes.subarray(at, at + size);
}
