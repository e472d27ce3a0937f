import { SyncError } from '../../errors.ts';
import { STUN_MESSAGE_BYTES } from '../../limits.ts';
import { type DecodedStun, decodeStun, looksLikeStun, STUN_HEADER_BYTES } from './message.ts';

/** Cuts a byte stream that begins with STUN (RFC 8489 §6.2.2) into messages, however the stream was cut before. */
export interface StunReader {
  push(chunk: Uint8Array): void;
  /** The next message that is whole. Throws MALFORMED, LIMIT_EXCEEDED; the reader is of no use afterwards. */
  next(): DecodedStun | undefined;
  /** What was pushed and belongs to no message that was read. */
  rest(): Uint8Array;
}

export function createStunReader(): StunReader {
  let held: Uint8Array = new Uint8Array();
  return {
    push(chunk) {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    },
    next() {
      if (held.length < STUN_HEADER_BYTES) return undefined;
      if (!looksLikeStun(held))
        throw new SyncError('MALFORMED', { what: 'STUN message', detail: 'it has no STUN header' });
      const length = STUN_HEADER_BYTES + new DataView(held.buffer, held.byteOffset).getUint16(2);
      if (length > STUN_MESSAGE_BYTES)
        throw new SyncError('LIMIT_EXCEEDED', { what: 'A STUN message', limit: STUN_MESSAGE_BYTES, actual: length });
      if (held.length < length) return undefined;
      const message = decodeStun(held.subarray(0, length));
      held = held.subarray(length);
      return message;
    },
    rest: () => held,
  };
}
