import { SyncError } from '../../../errors.ts';
import type { GitObject, ObjectType } from '../repository.ts';

const TYPES: ReadonlySet<string> = new Set<ObjectType>(['commit', 'tree', 'blob', 'tag']);
/** Bytes, and more than any object within the limits needs. */
export const LONGEST_HEADER = 32;

/** What stands before an object's bytes when it is hashed or stored alone: `<type> <size>\0`. */
export function frameHeader(type: ObjectType, size: number): Buffer {
  return Buffer.from(frameWords(type, size), 'latin1');
}

/** The same as text, one character a byte. */
export function frameWords(type: ObjectType, size: number): string {
  return `${type} ${size}\0`;
}

/** Takes a framed object apart. The bytes are a view of `framed`. Throws MALFORMED. */
export function parseFrame(framed: Uint8Array): GitObject {
  const end = framed.subarray(0, LONGEST_HEADER).indexOf(0);
  if (end < 0) throw malformed('its header does not end');
  const [type, size, ...more] = Buffer.from(framed.buffer, framed.byteOffset, end).toString('latin1').split(' ');
  if (!isObjectType(type) || size === undefined || more.length > 0)
    throw malformed('its header names no type and size');
  const bytes = framed.subarray(end + 1);
  if (size !== String(bytes.byteLength)) throw malformed(`its header says ${size} bytes, it has ${bytes.byteLength}`);
  return { type, bytes };
}

function isObjectType(word: string | undefined): word is ObjectType {
  return word !== undefined && TYPES.has(word);
}

function malformed(detail: string): SyncError {
  return new SyncError('MALFORMED', { what: 'git object', detail });
}
