/**
 * Bytes in the form of zlib (RFC 1950), in one stored block (RFC 1951 §3.2.4): what every inflater reads, and nobody
 * has deflated. `deflateSync` at level 0 does the same in four times as long: 9 µs for a message, where this takes 2,
 * as it sets up an engine for each.
 */
import { SyncError } from '../../../errors.ts';

/** Deflate with a window of 32 KiB, the fastest level. */
const HEADER = [0x78, 0x01] as const;
/** The last block, stored. */
const LAST_STORED = 0x01;
const LENGTHS_BYTES = 4;
const CHECKSUM_BYTES = 4;
const MOST_IN_BLOCK = 0xffff;
/** The largest prime below 2^16. */
const ADLER_MODULUS = 65521;
/** So many bytes can be summed up before the sums have to be brought below the modulus. */
const ADLER_STRIDE = 5552;

/** Throws LIMIT_EXCEEDED for more than a block holds. */
export function plainZlib(bytes: Uint8Array): Buffer {
  const { byteLength } = bytes;
  if (byteLength > MOST_IN_BLOCK)
    throw new SyncError('LIMIT_EXCEEDED', { what: 'stored block', limit: MOST_IN_BLOCK, actual: byteLength });
  const start = HEADER.length + 1 + LENGTHS_BYTES;
  const zlib = Buffer.allocUnsafe(start + byteLength + CHECKSUM_BYTES);
  zlib.set([...HEADER, LAST_STORED]);
  zlib.writeUInt16LE(byteLength, start - 4);
  zlib.writeUInt16LE(MOST_IN_BLOCK - byteLength, start - 2);
  zlib.set(bytes, start);
  zlib.writeUInt32BE(adler32(bytes), start + byteLength);
  return zlib;
}

function adler32(bytes: Uint8Array): number {
  let [sum, sums] = [1, 0];
  for (let start = 0; start < bytes.byteLength; start += ADLER_STRIDE) {
    const end = Math.min(start + ADLER_STRIDE, bytes.byteLength);
    for (let at = start; at < end; at += 1) {
      sum += bytes[at] ?? 0;
      sums += sum;
    }
    sum %= ADLER_MODULUS;
    sums %= ADLER_MODULUS;
  }
  return sums * 2 ** 16 + sum;
}
