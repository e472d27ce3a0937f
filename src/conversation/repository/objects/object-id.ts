import { createHash, hash } from 'node:crypto';
import type { ObjectId } from '../../../ids.ts';
import type { ObjectType } from '../repository.ts';
import { frameHeader, frameWords, LONGEST_HEADER } from './object-frame.ts';

/** Up to so many bytes, copying an object behind its header costs less than a hash that is fed piece by piece. */
const AT_ONCE_BYTES = 16 * 1024;
/** Used again for each object: new memory would cost a third of hashing a commit. */
const frame = Buffer.alloc(LONGEST_HEADER + AT_ONCE_BYTES);

/** The id of an object: SHA-1 over its frame. */
export function objectIdOf(type: ObjectType, bytes: Uint8Array): ObjectId {
  const size = bytes.byteLength;
  if (size > AT_ONCE_BYTES)
    return createHash('sha1').update(frameHeader(type, size)).update(bytes).digest('hex') as ObjectId;
  const start = frame.write(frameWords(type, size), 'latin1');
  frame.set(bytes, start);
  return hash('sha1', frame.subarray(0, start + size)) as ObjectId;
}
