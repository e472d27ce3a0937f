/** Messages on a TCP stream, each after two bytes with its length (RFC 4571 §2). */
import { SyncError } from '../../errors.ts';
import { STUN_MESSAGE_BYTES } from '../../limits.ts';

const LENGTH_BYTES = 2;

export function frameMessage(message: Uint8Array): Uint8Array {
  const framed = Buffer.allocUnsafe(LENGTH_BYTES + message.length);
  framed.writeUInt16BE(message.length, 0);
  framed.set(message, LENGTH_BYTES);
  return framed;
}

export interface FramedReader {
  push(chunk: Uint8Array): void;
  /** The next message that is whole. Throws LIMIT_EXCEEDED. */
  next(): Uint8Array | undefined;
  /** What was pushed and belongs to no message that was read. */
  rest(): Uint8Array;
}

/** Holds at most one message's bytes and one chunk. */
export function createFramedReader(): FramedReader {
  let held: Buffer = Buffer.alloc(0);
  return {
    push(chunk) {
      held = Buffer.concat([held, chunk]);
    },
    next() {
      if (held.length < LENGTH_BYTES) return undefined;
      const length = held.readUInt16BE(0);
      if (length > STUN_MESSAGE_BYTES)
        throw new SyncError('LIMIT_EXCEEDED', { what: 'A STUN message', limit: STUN_MESSAGE_BYTES, actual: length });
      if (held.length < LENGTH_BYTES + length) return undefined;
      const message = held.subarray(LENGTH_BYTES, LENGTH_BYTES + length);
      held = held.subarray(LENGTH_BYTES + length);
      return message;
    },
    rest: () => held,
  };
}
