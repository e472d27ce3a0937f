/** The index of a pack, version 2 (gitformat-pack, "pack-*.idx files"): fan-out, sorted ids, CRC-32s, offsets, two checksums. */
import { createHash } from 'node:crypto';
import { SyncError } from '../../../errors.ts';
import { copyId, ID_BYTES, type IdPlace, idFromBytes } from '../../../id-bytes.ts';
import type { CommitId, ObjectId } from '../../../ids.ts';

export interface PackIndex {
  readonly count: number;
  offsetOf(id: ObjectId | CommitId): number | undefined;
  /** In ascending order. */
  ids(): Iterable<ObjectId>;
  /** What stands at a place of the index, from 0. */
  at(place: number): IndexEntry;
  offsetAt(place: number): number;
  crcAt(place: number): number;
  /** Copies the 20 bytes of the id at a place. */
  copyIdAt(place: number, into: IdPlace): void;
}

export interface IndexEntry {
  readonly id: ObjectId;
  readonly offset: number;
  /** CRC-32 over the entry as it stands in the pack. */
  readonly crc: number;
}

const MAGIC = 0xff744f63;
const VERSION = 2;
const FANOUT_AT = 8;
const IDS_AT = FANOUT_AT + 256 * 4;
/** An offset with this bit set is a place in the table of 8-byte offsets. */
const LARGE = 0x80000000;

/** Reads an index that stays in memory as it is. Throws MALFORMED. */
export function parsePackIndex(bytes: Uint8Array): PackIndex {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.byteLength < IDS_AT + 2 * ID_BYTES) throw malformed('it is cut short');
  if (view.readUInt32BE(0) !== MAGIC || view.readUInt32BE(4) !== VERSION) throw malformed('it is not of version 2');
  const body = view.subarray(0, -ID_BYTES);
  if (!createHash('sha1').update(body).digest().equals(view.subarray(-ID_BYTES)))
    throw malformed('its checksum is wrong');
  const count = countIn(view);
  const crcsAt = IDS_AT + count * ID_BYTES;
  const offsetsAt = crcsAt + count * 4;
  const largeAt = offsetsAt + count * 4;
  const largeCount = (view.byteLength - 2 * ID_BYTES - largeAt) / 8;
  if (largeCount < 0) throw malformed('it is cut short');
  for (let at = offsetsAt; at < largeAt; at += 4) {
    if (view.readUInt32BE(at) - LARGE >= Math.floor(largeCount)) throw malformed('an offset in it leads nowhere');
  }

  /** The id that is being looked for. */
  const wanted = Buffer.alloc(ID_BYTES);

  function placeOfWanted(): number | undefined {
    const firstWord = wanted.readUInt32BE(0);
    const firstByte = firstWord >>> 24;
    let low = firstByte === 0 ? 0 : view.readUInt32BE(FANOUT_AT + (firstByte - 1) * 4);
    let high = view.readUInt32BE(FANOUT_AT + firstByte * 4);
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = IDS_AT + middle * ID_BYTES;
      // Few ids begin with the same word, and a call that compares bytes costs more than all the rest.
      const order = firstWord - view.readUInt32BE(at) || wanted.compare(view, at, at + ID_BYTES);
      if (order === 0) return middle;
      if (order < 0) high = middle;
      else low = middle + 1;
    }
    return undefined;
  }

  function offsetAt(place: number): number {
    const offset = view.readUInt32BE(offsetsAt + place * 4);
    return offset < LARGE ? offset : Number(view.readBigUInt64BE(largeAt + (offset - LARGE) * 8));
  }

  const crcAt = (place: number) => view.readUInt32BE(crcsAt + place * 4);

  return {
    count,
    offsetOf(id) {
      wanted.write(id, 'hex');
      const place = placeOfWanted();
      return place === undefined ? undefined : offsetAt(place);
    },
    at: (place) => ({
      id: idFromBytes(view, IDS_AT + place * ID_BYTES),
      offset: offsetAt(place),
      crc: crcAt(place),
    }),
    offsetAt,
    crcAt,
    copyIdAt: (place, into) => copyId({ bytes: view, at: IDS_AT + place * ID_BYTES }, into),
    *ids() {
      for (let place = 0; place < count; place++) yield idFromBytes(view, IDS_AT + place * ID_BYTES);
    },
  };
}

/** The last number of the fan-out. The numbers before it bound where ids are looked for, so they must not go beyond it or back. */
function countIn(view: Buffer): number {
  let count = 0;
  for (let at = FANOUT_AT; at < IDS_AT; at += 4) {
    const next = view.readUInt32BE(at);
    if (next < count) throw malformed('its fan-out goes back');
    count = next;
  }
  return count;
}

/** The index file of a pack with these entries, given in any order. */
export function formatPackIndex(entries: readonly IndexEntry[], packChecksum: Uint8Array): Uint8Array {
  const sorted = entries.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : a.offset - b.offset));
  const large = sorted.filter(({ offset }) => offset >= LARGE);
  const head = Buffer.alloc(IDS_AT);
  head.writeUInt32BE(MAGIC, 0);
  head.writeUInt32BE(VERSION, 4);
  const counts = new Uint32Array(256);
  const ids = Buffer.alloc(sorted.length * ID_BYTES);
  const crcs = Buffer.alloc(sorted.length * 4);
  const offsets = Buffer.alloc(sorted.length * 4);
  const largeOffsets = Buffer.alloc(large.length * 8);
  let largePlace = 0;
  for (const [place, { id, crc, offset }] of sorted.entries()) {
    ids.write(id, place * ID_BYTES, 'hex');
    const firstByte = ids[place * ID_BYTES] ?? 0;
    counts[firstByte] = (counts[firstByte] ?? 0) + 1;
    crcs.writeUInt32BE(crc, place * 4);
    offsets.writeUInt32BE(offset < LARGE ? offset : LARGE + largePlace, place * 4);
    if (offset >= LARGE) largeOffsets.writeBigUInt64BE(BigInt(offset), largePlace++ * 8);
  }
  let total = 0;
  for (const [byte, count] of counts.entries()) {
    total += count;
    head.writeUInt32BE(total, FANOUT_AT + byte * 4);
  }
  const body = Buffer.concat([head, ids, crcs, offsets, largeOffsets, packChecksum]);
  return Buffer.concat([body, createHash('sha1').update(body).digest()]);
}

function malformed(detail: string): SyncError {
  return new SyncError('MALFORMED', { what: 'pack index', detail });
}
