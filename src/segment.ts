/** A piece of a file that is kept beside the truth: a value of whatever kind, with a checksum before it. */
import { deserialize, serialize } from 'node:v8';
import { crc32 } from 'node:zlib';

/** What stands before a segment's body: its length and its CRC-32, big-endian. */
const HEADER_BYTES = 8;
const CHECKSUM_AT = 4;

/** The value as a structured clone, which keeps what JSON would not. */
export function formatSegment(value: unknown): Buffer {
  const body = serialize(value);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(body.byteLength);
  header.writeUInt32BE(crc32(body), CHECKSUM_AT);
  return Buffer.concat([header, body]);
}

export interface Segment {
  /** What `formatSegment` was given: the checksum says so. Buffers in it keep the bytes it was read from. */
  readonly value: unknown;
  /** Where it ends among the bytes. */
  readonly end: number;
}

/**
 * The segment that begins at `at`; undefined when it is cut short, or its bytes are not those that were written. A checksum is
 * enough for writes that were torn and disks that err: who could write another segment into the file could give it any digest.
 */
export function parseSegment(bytes: Buffer, at: number): Segment | undefined {
  const body = at + HEADER_BYTES;
  if (body > bytes.byteLength) return undefined;
  const end = body + bytes.readUInt32BE(at);
  // No value is empty, but zeros, which a power failure can leave, would be the header of such a one.
  if (end === body || end > bytes.byteLength) return undefined;
  const inner = bytes.subarray(body, end);
  if (crc32(inner) !== bytes.readUInt32BE(at + CHECKSUM_AT)) return undefined;
  return { value: deserialize(inner), end };
}
