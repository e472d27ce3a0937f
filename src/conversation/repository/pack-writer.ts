import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import type { CommitId, ObjectId } from '../../ids.ts';
import { formatEntryHeader } from './pack-entry.ts';
import { PACK_HEADER_BYTES } from './packed-object.ts';
import type { Objects } from './repository.ts';

/** A chunk leaves when it has this many bytes: small objects share a message, large ones do not pile up. */
const CHUNK_BYTES = 64 * 1024;
const PACK_VERSION = 2;

/**
 * The bytes of a pack with these objects, whole and in this order, made while they are read.
 * Throws OBJECT_MISSING, OBJECT_CORRUPT.
 */
export async function* packObjects(
  objects: Objects,
  ids: readonly (ObjectId | CommitId)[],
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha1');
  let gathered: Uint8Array[] = [formatPackHeader(ids.length)];
  let gatheredBytes = PACK_HEADER_BYTES;
  for (const id of ids) {
    const { type, bytes } = await objects.read(id);
    // Level 1: signatures, ids and certificates hardly deflate, so more effort buys next to nothing.
    const entry = [formatEntryHeader(type, bytes.byteLength), deflateSync(bytes, { level: 1 })];
    gathered.push(...entry);
    gatheredBytes += entry.reduce((sum, { byteLength }) => sum + byteLength, 0);
    if (gatheredBytes < CHUNK_BYTES) continue;
    const chunk = Buffer.concat(gathered);
    hash.update(chunk);
    yield chunk;
    gathered = [];
    gatheredBytes = 0;
  }
  const last = Buffer.concat(gathered);
  yield Buffer.concat([last, hash.update(last).digest()]);
}

function formatPackHeader(count: number): Uint8Array {
  const header = Buffer.alloc(PACK_HEADER_BYTES);
  header.write('PACK', 'latin1');
  header.writeUInt32BE(PACK_VERSION, 4);
  header.writeUInt32BE(count, 8);
  return header;
}
