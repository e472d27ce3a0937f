/** The two variable-length numbers of git's pack format (gitformat-pack, "offset encoding" and "size encoding"). */
import { SyncError } from '../../../errors.ts';

export interface Varint {
  readonly value: number;
  /** Where the bytes after the number begin. */
  readonly next: number;
}

/** 7 bits a byte, lowest first. `undefined`: the bytes end before the number does. Throws MALFORMED beyond 2^53. */
export function readSize(bytes: Uint8Array, at: number): Varint | undefined {
  let value = 0;
  let scale = 1;
  for (let next = at; ; ) {
    const byte = bytes[next++];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * scale;
    if (!Number.isSafeInteger(value)) throw tooLarge();
    if ((byte & 0x80) === 0) return { value, next };
    scale *= 128;
  }
}

export function formatSize(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Uint8Array.from([...bytes, rest]);
    bytes.push((rest % 128) | 0x80);
  }
}

/** 7 bits a byte, highest first, each continuation adding one so that no number has two forms. As `readSize` otherwise. */
export function readOffset(bytes: Uint8Array, at: number): Varint | undefined {
  let value = -1;
  for (let next = at; ; ) {
    const byte = bytes[next++];
    if (byte === undefined) return undefined;
    value = (value + 1) * 128 + (byte & 0x7f);
    if (!Number.isSafeInteger(value)) throw tooLarge();
    if ((byte & 0x80) === 0) return { value, next };
  }
}

export function formatOffset(value: number): Uint8Array {
  const bytes = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) {
    rest -= 1;
    bytes.unshift((rest % 128) | 0x80);
  }
  return Uint8Array.from(bytes);
}

function tooLarge(): SyncError {
  return new SyncError('MALFORMED', { what: 'pack', detail: 'a number in it is too large' });
}
