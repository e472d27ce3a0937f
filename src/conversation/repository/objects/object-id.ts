import { createHash, hash } from 'node:crypto';
import type { ObjectId } from '../../../ids.ts';
import type { ObjectType } from '../repository.ts';
import { frameHeader } from './object-frame.ts';

/** Up to so many bytes, copying an object behind its header costs less than a hash that is fed piece by piece. */
const AT_ONCE_BYTES = 16 * 1024;

/** The id of an object: SHA-1 over its frame. */
export function objectIdOf(type: ObjectType, bytes: Uint8Array): ObjectId {
  const header = frameHeader(type, bytes.byteLength);
  if (bytes.byteLength <= AT_ONCE_BYTES) return hash('sha1', Buffer.concat([header, bytes])) as ObjectId;
  return createHash('sha1').update(header).update(bytes).digest('hex') as ObjectId;
}
