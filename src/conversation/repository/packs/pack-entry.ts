import { SyncError } from '../../../errors.ts';
import { ID_BYTES, idFromBytes, idToBytes } from '../../../id-bytes.ts';
import type { ObjectId } from '../../../ids.ts';
import type { ObjectType } from '../repository.ts';
import { formatOffset, formatSize, readOffset, readSize } from './varint.ts';

/** What stands before the deflated bytes of an object in a pack (gitformat-pack, "pack-*.pack files"). */
export type EntryHeader =
  | { readonly kind: 'whole'; readonly type: ObjectType; readonly size: number; readonly next: number }
  /** A delta whose base begins `distance` bytes before this entry. */
  | { readonly kind: 'offset-delta'; readonly distance: number; readonly size: number; readonly next: number }
  | { readonly kind: 'id-delta'; readonly base: ObjectId; readonly size: number; readonly next: number };

const TYPE_NUMBERS: readonly (ObjectType | undefined)[] = [undefined, 'commit', 'tree', 'blob', 'tag'];
const OFFSET_DELTA = 6;
const ID_DELTA = 7;

/**
 * `size` is that of the inflated bytes (of the delta, when it is one); `next` is where the deflated bytes begin.
 * `undefined`: the bytes end within the header. Throws MALFORMED.
 */
export function parseEntryHeader(bytes: Uint8Array, at: number): EntryHeader | undefined {
  const first = bytes[at];
  if (first === undefined) return undefined;
  const rest = (first & 0x80) === 0 ? { value: 0, next: at + 1 } : readSize(bytes, at + 1);
  if (!rest) return undefined;
  const size = (first & 0x0f) + rest.value * 16;
  const typeNumber = (first >> 4) & 0x07;
  if (typeNumber === OFFSET_DELTA) {
    const distance = readOffset(bytes, rest.next);
    if (!distance) return undefined;
    if (distance.value === 0)
      throw new SyncError('MALFORMED', { what: 'pack', detail: 'a delta names itself as its base' });
    return { kind: 'offset-delta', distance: distance.value, size, next: distance.next };
  }
  if (typeNumber === ID_DELTA) {
    if (rest.next + ID_BYTES > bytes.byteLength) return undefined;
    return { kind: 'id-delta', base: idFromBytes(bytes, rest.next), size, next: rest.next + ID_BYTES };
  }
  const type = TYPE_NUMBERS[typeNumber];
  if (type === undefined) throw new SyncError('MALFORMED', { what: 'pack', detail: `an entry has type ${typeNumber}` });
  return { kind: 'whole', type, size, next: rest.next };
}

/** The header of an object stored whole. */
export function formatEntryHeader(type: ObjectType, size: number): Uint8Array {
  return formatTypeAndSize(TYPE_NUMBERS.indexOf(type), size);
}

/** The header of a delta of `size` bytes on the object that begins `distance` bytes before it. */
export function formatOffsetDeltaHeader(size: number, distance: number): Uint8Array {
  return Buffer.concat([formatTypeAndSize(OFFSET_DELTA, size), formatOffset(distance)]);
}

/** The header of a delta of `size` bytes on an object that stands anywhere in the pack. */
export function formatIdDeltaHeader(size: number, base: ObjectId): Uint8Array {
  return Buffer.concat([formatTypeAndSize(ID_DELTA, size), idToBytes(base)]);
}

function formatTypeAndSize(typeNumber: number, size: number): Uint8Array {
  const first = (typeNumber << 4) | (size % 16);
  if (size < 16) return Uint8Array.from([first]);
  return Uint8Array.from([first | 0x80, ...formatSize(Math.floor(size / 16))]);
}
