/** A stretch of a log's checkpoint: rows as they were read from their commits, parents first, with a digest before them. */
import { createHash } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';
import type { Rows } from '../log/interaction-store.ts';

/** What stands before a segment's body: its length in 4 bytes, big-endian, and its SHA-256. */
export const SEGMENT_HEADER_BYTES = 36;

interface SegmentHeader {
  readonly bodyBytes: number;
  readonly sha256: Uint8Array;
}

export function formatSegment(rows: Rows): Buffer {
  const body = serialize(rows);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.byteLength);
  return Buffer.concat([length, sha256(body), body]);
}

/** Undefined when it is cut short. */
export function parseSegmentHeader(bytes: Uint8Array): SegmentHeader | undefined {
  if (bytes.byteLength < SEGMENT_HEADER_BYTES) return undefined;
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, SEGMENT_HEADER_BYTES);
  return { bodyBytes: view.readUInt32BE(0), sha256: view.subarray(4) };
}

/** Undefined when the bytes are not those that were written. The rows keep the bytes. */
export function parseSegment(header: SegmentHeader, bytes: Uint8Array): Rows | undefined {
  // The digest says that this is what `formatSegment` wrote.
  return Buffer.compare(sha256(bytes), header.sha256) === 0 ? (deserialize(bytes) as Rows) : undefined;
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
