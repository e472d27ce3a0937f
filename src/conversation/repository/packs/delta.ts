import { SyncError } from '../../../errors.ts';
import { GIT_OBJECT_BYTES } from '../../../limits.ts';
import { readSize } from './varint.ts';

/** A size of zero in a copy instruction means this. */
const COPY_DEFAULT_BYTES = 0x10000;

/**
 * Makes an object from its base and a delta (gitformat-pack, "Deltified representation").
 * Throws MALFORMED when the delta reaches outside of its base or does not give the size it states, LIMIT_EXCEEDED.
 */
export function applyDelta(base: Uint8Array, delta: Uint8Array): Uint8Array {
  const { baseSize, resultSize, next } = readSizes(delta);
  if (baseSize !== base.byteLength) throw malformed('it is meant for another base');
  const result = Buffer.allocUnsafe(resultSize);
  let written = 0;
  for (let at = next; at < delta.byteLength; ) {
    const { source, start, length, next } = readInstruction(delta, at);
    const from = source === 'base' ? base : delta;
    if (start + length > from.byteLength) throw malformed(`it copies from outside of its ${source}`);
    if (written + length > result.byteLength) throw malformed('it makes more bytes than it states');
    result.set(from.subarray(start, start + length), written);
    written += length;
    at = next;
  }
  if (written !== result.byteLength) throw malformed('it makes fewer bytes than it states');
  return result;
}

function readSizes(delta: Uint8Array): { baseSize: number; resultSize: number; next: number } {
  const base = readSize(delta, 0);
  const result = base && readSize(delta, base.next);
  if (!result) throw malformed('its header is cut short');
  if (result.value > GIT_OBJECT_BYTES) {
    throw new SyncError('LIMIT_EXCEEDED', { what: 'Git object', limit: GIT_OBJECT_BYTES, actual: result.value });
  }
  return { baseSize: base.value, resultSize: result.value, next: result.next };
}

interface Instruction {
  readonly source: 'base' | 'delta';
  readonly start: number;
  readonly length: number;
  readonly next: number;
}

function readInstruction(delta: Uint8Array, at: number): Instruction {
  const code = delta[at] ?? 0;
  if (code === 0) throw malformed('it has an instruction that git reserves');
  if (code < 0x80) return { source: 'delta', start: at + 1, length: code, next: at + 1 + code };
  // Bits 0-3 say which bytes of the start follow, bits 4-6 which bytes of the length.
  let next = at + 1;
  const number = (bits: readonly number[]) =>
    bits.reduce((sum, bit, index) => sum + ((code & bit) === 0 ? 0 : (delta[next++] ?? Number.NaN) * 256 ** index), 0);
  const start = number([0x01, 0x02, 0x04, 0x08]);
  const length = number([0x10, 0x20, 0x40]);
  if (Number.isNaN(start + length)) throw malformed('an instruction is cut short');
  return { source: 'base', start, length: length === 0 ? COPY_DEFAULT_BYTES : length, next };
}

function malformed(detail: string): SyncError {
  return new SyncError('MALFORMED', { what: 'delta', detail });
}
