import { deserialize, serialize } from 'node:v8';
import type { Decoded } from '../../events/decode.ts';

/** What JSON begins with here, and a structured clone never does. */
const BRACE = 0x7b;

/**
 * What an interaction says, for keeping: JSON, which is read at half the price, where that gives back the same; otherwise a structured
 * clone, which keeps every value that a body can hold.
 */
export function contentToBytes(content: Decoded): Buffer {
  return isKeptByJson(content) ? Buffer.from(JSON.stringify(content)) : serialize(content);
}

/** What `contentToBytes` was given. */
export function contentFrom(bytes: Buffer): Decoded {
  return (bytes[0] === BRACE ? JSON.parse(bytes.toString()) : deserialize(bytes)) as Decoded;
}

/** No `undefined`, no `-0`, no number that is none. Bodies are of bounded depth. */
function isKeptByJson(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
  if (typeof value === 'object' && value !== null) return Object.values(value).every(isKeptByJson);
  return value !== undefined;
}
