import { formatSize } from './varint.ts';

/** What a delta copies, it copies in stretches of at least this many bytes. */
const BLOCK_BYTES = 16;
/** The most one instruction copies; 0x10000 would have a form of its own. */
const COPY_BYTES = 0xffff;
const INSERT_BYTES = 0x7f;

/** An object that others are made from, with the places of its blocks. */
export interface DeltaBase {
  readonly bytes: Uint8Array;
  /** Where a block with this fingerprint begins; of several, the first. */
  readonly places: ReadonlyMap<number, number>;
}

export function createDeltaBase(bytes: Uint8Array): DeltaBase {
  const places = new Map<number, number>();
  for (let at = 0; at + BLOCK_BYTES <= bytes.byteLength; at += BLOCK_BYTES) {
    const print = fingerprint(bytes, at);
    if (!places.has(print)) places.set(print, at);
  }
  return { bytes, places };
}

/**
 * A delta that makes `target` from the base (gitformat-pack, "Deltified representation"): every stretch that holds a whole
 * block of the base is copied, the rest is in the delta itself. Undefined as soon as it would be longer than `limit` bytes.
 */
export function makeDelta(
  { bytes: base, places }: DeltaBase,
  target: Uint8Array,
  limit: number,
): Uint8Array | undefined {
  const parts: Uint8Array[] = [formatSize(base.byteLength), formatSize(target.byteLength)];
  let length = parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
  /** From here on nothing is in the delta yet. */
  let done = 0;

  function add(part: Uint8Array): void {
    parts.push(part);
    length += part.byteLength;
  }
  function insertUpTo(end: number): void {
    for (; done < end; done = Math.min(done + INSERT_BYTES, end)) {
      const piece = target.subarray(done, Math.min(done + INSERT_BYTES, end));
      add(Uint8Array.of(piece.byteLength));
      add(piece);
    }
  }

  for (let at = 0; at + BLOCK_BYTES <= target.byteLength && length <= limit; ) {
    const found = places.get(fingerprint(target, at));
    const stretch = found === undefined ? undefined : matchAround({ base, target }, { from: found, at, after: done });
    if (!stretch) {
      at += 1;
      continue;
    }
    insertUpTo(stretch.at);
    for (const part of copies(stretch.from, stretch.length)) add(part);
    done = stretch.at + stretch.length;
    at = done;
  }
  insertUpTo(target.byteLength);
  return length <= limit ? Buffer.concat(parts, length) : undefined;
}

interface Pair {
  readonly base: Uint8Array;
  readonly target: Uint8Array;
}

/** The longest common stretch around two places, not before `after`; undefined when not even a block is the same. */
function matchAround(
  { base, target }: Pair,
  { from, at, after }: { readonly from: number; readonly at: number; readonly after: number },
): { readonly from: number; readonly at: number; readonly length: number } | undefined {
  let end = 0;
  while (from + end < base.byteLength && at + end < target.byteLength && base[from + end] === target[at + end])
    end += 1;
  if (end < BLOCK_BYTES) return undefined;
  let back = 0;
  while (from - back > 0 && at - back > after && base[from - back - 1] === target[at - back - 1]) back += 1;
  return { from: from - back, at: at - back, length: end + back };
}

function* copies(from: number, length: number): Iterable<Uint8Array> {
  for (let copied = 0; copied < length; copied += COPY_BYTES)
    yield formatCopy(from + copied, Math.min(COPY_BYTES, length - copied));
}

/** Bits 0-3 of the code say which bytes of the start follow, bits 4-5 which bytes of the length; a zero is left out. */
function formatCopy(start: number, length: number): Uint8Array {
  const bytes: number[] = [];
  let code = 0x80;
  for (let place = 0; place < 6; place++) {
    const byte = (place < 4 ? start >>> (8 * place) : length >>> (8 * (place - 4))) & 0xff;
    if (byte === 0) continue;
    code |= 1 << place;
    bytes.push(byte);
  }
  return Uint8Array.of(code, ...bytes);
}

/** FNV-1a over a block, 32 bits: two that differ may have the same, so a match is compared. */
function fingerprint(bytes: Uint8Array, at: number): number {
  let hash = 0x811c9dc5;
  for (let place = at; place < at + BLOCK_BYTES; place++) hash = Math.imul(hash ^ (bytes[place] ?? 0), 0x01000193);
  return hash;
}
