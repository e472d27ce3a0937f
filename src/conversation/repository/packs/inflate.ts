import { inflateSync } from 'node:zlib';
import { errorCodeOf } from '../../../error-code.ts';
import { messageOf, SyncError } from '../../../errors.ts';
import { GIT_OBJECT_BYTES } from '../../../limits.ts';
import { type InflatedStream, Inflater } from './inflater.ts';

const inflater = new Inflater();

/**
 * Inflates the stream at the beginning of `input`, which must give exactly `size` bytes; what follows the stream is
 * left alone. Never produces more than `size` + 1 bytes, whatever the stream holds. They may be in `room`, if that is
 * given. Throws MALFORMED, LIMIT_EXCEEDED.
 *
 * Synchronous, because a conversation's objects are a few hundred bytes: setting up a stream costs ten times the work.
 */
export function inflateExactly(input: Uint8Array, size: number, room?: Uint8Array): InflatedStream {
  if (size > GIT_OBJECT_BYTES) {
    throw new SyncError('LIMIT_EXCEEDED', { what: 'Git object', limit: GIT_OBJECT_BYTES, actual: size });
  }
  return inflater.inflate(input, size, room) ?? inflateAlone(input, size);
}

/** Says what is wrong with a stream, too. */
function inflateAlone(input: Uint8Array, size: number): InflatedStream {
  try {
    // One byte more than stated fits, so that the whole result is one piece and a longer one is noticed.
    const options = { info: true, chunkSize: Math.max(64, size + 1), maxOutputLength: Math.max(1, size) };
    const { bytes, consumed } = unwrap(inflateSync(input, options));
    if (bytes.byteLength !== size) throw malformed(`an object states ${size} bytes and has ${bytes.byteLength}`);
    return { outcome: 'done', bytes, consumed };
  } catch (error) {
    const code = errorCodeOf(error);
    if (code === 'Z_BUF_ERROR') return { outcome: 'short' };
    if (code === 'ERR_BUFFER_TOO_LARGE') throw malformed(`an object states ${size} bytes and has more`);
    if (error instanceof SyncError) throw error;
    throw new SyncError('MALFORMED', { what: 'deflated data', detail: messageOf(error) }, { cause: error });
  }
}

/** With `info`, zlib answers with its engine as well, which the published types do not say. */
function unwrap(answer: unknown): { bytes: Uint8Array; consumed: number } {
  const { buffer, engine } = answer as { buffer: Uint8Array; engine: { bytesWritten: number } };
  return { bytes: buffer, consumed: engine.bytesWritten };
}

function malformed(detail: string): SyncError {
  return new SyncError('MALFORMED', { what: 'deflated data', detail });
}
