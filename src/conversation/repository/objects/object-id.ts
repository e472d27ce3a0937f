import { createHash } from 'node:crypto';
import type { ObjectId } from '../../../ids.ts';
import type { ObjectType } from '../repository.ts';
import { frameHeader } from './object-frame.ts';

/** The id of an object: SHA-1 over its frame. */
export function objectIdOf(type: ObjectType, bytes: Uint8Array): ObjectId {
  const hash = createHash('sha1').update(frameHeader(type, bytes.byteLength)).update(bytes);
  return hash.digest('hex') as ObjectId;
}
