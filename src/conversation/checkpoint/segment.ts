/**
 * A stretch of a log's checkpoint: interactions as they were read from their commits, parents first.
 * Structured clones (node:v8), which keep every value that a body can hold, `-0` and numbers beyond JSON's included.
 */
import { createHash } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';
import type { Decoded } from '../../events/decode.ts';
import type { AccountUri, CommitId, DeviceId } from '../../ids.ts';
import type { UnlinkedInteraction } from '../interaction-of.ts';

/** What stands before a segment's body: its length in 4 bytes, big-endian, and its SHA-256. */
export const SEGMENT_HEADER_BYTES = 36;

interface SegmentHeader {
  readonly bodyBytes: number;
  readonly sha256: Uint8Array;
}

/** Whoever takes part stands once, in a table: there are few of them, and each name is as long as a message. */
interface Body {
  readonly accounts: readonly AccountUri[];
  readonly devices: readonly DeviceId[];
  readonly rows: readonly Row[];
}

/** The author is a place in the table, -1 for none. */
type Row = readonly [
  id: CommitId,
  parents: readonly CommitId[],
  author: number,
  device: number,
  committedAt: number,
  content: Decoded,
];

export function formatSegment(interactions: readonly UnlinkedInteraction[]): Buffer {
  const [accounts, devices] = [new Table<AccountUri>(), new Table<DeviceId>()];
  const rows = interactions.map(({ id, parents, author, device, committedAt, content }): Row => {
    return [id, parents, author ? accounts.placeOf(author) : -1, devices.placeOf(device), committedAt, content];
  });
  const body = serialize({ accounts: accounts.all(), devices: devices.all(), rows } satisfies Body);
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

/** Undefined when the bytes are not those that were written. */
export function parseSegment(header: SegmentHeader, bytes: Uint8Array): readonly UnlinkedInteraction[] | undefined {
  if (Buffer.compare(sha256(bytes), header.sha256) !== 0) return undefined;
  // The digest says that this is what `formatSegment` wrote.
  const { accounts, devices, rows } = deserialize(bytes) as Body;
  return rows.flatMap(([id, parents, author, place, committedAt, content]) => {
    const [account, device] = [accounts[author], devices[place]];
    return device ? { id, parents, ...(account && { author: account }), device, committedAt, content } : [];
  });
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

class Table<Name> {
  readonly #places = new Map<Name, number>();

  placeOf(name: Name): number {
    const place = this.#places.get(name) ?? this.#places.size;
    this.#places.set(name, place);
    return place;
  }

  all(): readonly Name[] {
    return [...this.#places.keys()];
  }
}
