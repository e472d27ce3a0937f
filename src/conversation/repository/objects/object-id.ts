import { createHash } from 'node:crypto';
import type { CommitId, ObjectId } from '../../../ids.ts';
import type { ObjectType } from '../repository.ts';
import { frameHeader } from './object-frame.ts';

/** Bytes of an id where git writes it in binary. */
export const ID_BYTES = 20;

/** The id of an object: SHA-1 over its frame. */
export function objectIdOf(type: ObjectType, bytes: Uint8Array): ObjectId {
  const hash = createHash('sha1').update(frameHeader(type, bytes.byteLength)).update(bytes);
  return hash.digest('hex') as ObjectId;
}

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
