import { SyncError } from '../../errors.ts';
import { CONTROL_MESSAGE_BYTES } from '../../limits.ts';

const NEWLINE = 0x0a;

/**
 * Cuts a stream of bytes into lines of UTF-8 text, without their newlines; what follows the last newline is dropped.
 * Throws LIMIT_EXCEEDED for a line longer than `CONTROL_MESSAGE_BYTES`.
 */
export async function* linesOf(bytes: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of bytes) {
    rest = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    let start = 0;
    for (let end = rest.indexOf(NEWLINE, start); end >= 0; end = rest.indexOf(NEWLINE, start)) {
      yield rest.subarray(start, end).toString('utf8');
      start = end + 1;
    }
    rest = rest.subarray(start);
    if (rest.length > CONTROL_MESSAGE_BYTES) {
      throw new SyncError('LIMIT_EXCEEDED', {
        what: 'A control message',
        limit: CONTROL_MESSAGE_BYTES,
        actual: rest.length,
      });
    }
  }
}
