import type { CommitId, ObjectId } from './ids.ts';

/** Bytes of a commit's or another object's id where it stands in binary. */
export const ID_BYTES = 20;

/** Reads the 20 bytes at `at`; twenty bytes are forty hex digits, so nothing is left to check. */
export function idFromBytes(bytes: Uint8Array, at = 0): ObjectId {
  return Buffer.from(bytes.buffer, bytes.byteOffset + at, ID_BYTES).toString('hex') as ObjectId;
}

export function idToBytes(id: ObjectId | CommitId): Buffer {
  return Buffer.from(id, 'hex');
}

/** An object that turned out to be a commit, under the id type that says so. */
export function asCommitId(id: ObjectId): CommitId {
  return id as string as CommitId;
}
