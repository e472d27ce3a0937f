/** Messages on a byte stream: four bytes of length, big-endian, then UTF-8 JSON. */
import { messageOf, SyncError } from '../../errors.ts';
import { SIGNAL_BYTES } from '../../limits.ts';

const LENGTH_BYTES = 4;

/** Throws LIMIT_EXCEEDED. */
export function encodeMessage(message: object): Uint8Array {
  const text = Buffer.from(JSON.stringify(message));
  checkSize(text.byteLength);
  const encoded = Buffer.allocUnsafe(LENGTH_BYTES + text.byteLength);
  encoded.writeUInt32BE(text.byteLength, 0);
  encoded.set(text, LENGTH_BYTES);
  return encoded;
}

export interface MessageReader {
  /** The messages that are whole now, parsed and not checked. Throws LIMIT_EXCEEDED, MALFORMED. */
  push(chunk: Uint8Array): readonly unknown[];
}

/** Holds at most one message's bytes and one chunk. */
export function createMessageReader(): MessageReader {
  let held: Buffer = Buffer.alloc(0);
  return {
    push(chunk) {
      held = Buffer.concat([held, chunk]);
      const messages: unknown[] = [];
      while (held.byteLength >= LENGTH_BYTES) {
        const end = LENGTH_BYTES + checkSize(held.readUInt32BE(0));
        if (held.byteLength < end) break;
        messages.push(parse(held.toString('utf8', LENGTH_BYTES, end)));
        held = held.subarray(end);
      }
      return messages;
    },
  };
}

function checkSize(actual: number): number {
  if (actual > SIGNAL_BYTES) throw new SyncError('LIMIT_EXCEEDED', { what: 'A signal', limit: SIGNAL_BYTES, actual });
  return actual;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SyncError('MALFORMED', { what: 'signal', detail: messageOf(error) }, { cause: error });
  }
}
