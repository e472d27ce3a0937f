import type { CommitId, ObjectId } from './ids.ts';

/** Bytes of a commit's or another object's id where it stands in binary. */
export const ID_BYTES = 20;
const ID_TEXT = /^[0-9a-f]{40}$/;

/** Where the bytes of an id begin. */
export interface IdPlace {
  readonly bytes: Uint8Array;
  readonly at: number;
}

/** Byte by byte: for so few, a call that copies costs more. */
export function copyId(from: IdPlace, to: IdPlace): void {
  for (let place = 0; place < ID_BYTES; place += 1) to.bytes[to.at + place] = from.bytes[from.at + place] ?? 0;
}

/** Reads the 20 bytes at `at`; twenty bytes are forty hex digits, so nothing is left to check. */
export function idFromBytes(bytes: Uint8Array, at = 0): ObjectId {
  const buffer = bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return buffer.toString('hex', at, at + ID_BYTES) as ObjectId;
}

/** Of forty lower-case hex digits, and nothing else. */
export function idFromText(text: string | undefined): ObjectId | undefined {
  return text !== undefined && ID_TEXT.test(text) ? (text as ObjectId) : undefined;
}

export function idToBytes(id: ObjectId | CommitId): Buffer {
  return Buffer.from(id, 'hex');
}

/** An object that turned out to be a commit, under the id type that says so. */
export function asCommitId(id: ObjectId): CommitId {
  return id as string as CommitId;
}

/** Commit ids, one behind the other. */
export function bytesOf(ids: readonly CommitId[]): Buffer {
  return Buffer.from(ids.join(''), 'hex');
}

/** What `bytesOf` was given. */
export function idsIn(bytes: Buffer): readonly CommitId[] {
  const ids: CommitId[] = [];
  for (let at = 0; at < bytes.byteLength; at += ID_BYTES) ids.push(asCommitId(idFromBytes(bytes, at)));
  return ids;
}
