/** A piece of a file that is kept beside the truth: a value of whatever kind, with a digest before it. */
import { createHash } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';

/** What stands before a segment's body: its length in 4 bytes, big-endian, and its SHA-256. */
const HEADER_BYTES = 36;
const LENGTH_BYTES = 4;

/** The value as a structured clone, which keeps what JSON would not. */
export function formatSegment(value: unknown): Buffer {
  const body = serialize(value);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(body.byteLength);
  return Buffer.concat([length, sha256(body), body]);
}

export interface Segment {
  /** What `formatSegment` was given: the digest says so. Buffers in it keep the bytes it was read from. */
  readonly value: unknown;
  /** Where it ends among the bytes. */
  readonly end: number;
}

/** The segment that begins at `at`; undefined when it is cut short, or its bytes are not those that were written. */
export function parseSegment(bytes: Buffer, at: number): Segment | undefined {
  const body = at + HEADER_BYTES;
  if (body > bytes.byteLength) return undefined;
  const end = body + bytes.readUInt32BE(at);
  if (end > bytes.byteLength) return undefined;
  const inner = bytes.subarray(body, end);
  if (sha256(inner).compare(bytes, at + LENGTH_BYTES, body) !== 0) return undefined;
  return { value: deserialize(inner), end };
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
