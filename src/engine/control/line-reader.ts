import { SyncError } from '../../errors.ts';

const NEWLINE = 0x0a;

/**
 * Cuts a stream of bytes into lines of UTF-8 text, without their newlines; what follows the last newline is dropped.
 * Throws LIMIT_EXCEEDED for a line of more than `limit` bytes, however the bytes come in.
 */
export async function* linesOf(bytes: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<string> {
  let line: Uint8Array[] = [];
  let length = 0;

  function take(part: Uint8Array): void {
    length += part.length;
    if (length > limit) throw new SyncError('LIMIT_EXCEEDED', { what: 'A control message', limit, actual: length });
    line.push(part);
  }

  for await (const piece of bytes) {
    let start = 0;
    for (let end = piece.indexOf(NEWLINE); end >= 0; end = piece.indexOf(NEWLINE, start)) {
      take(piece.subarray(start, end));
      yield Buffer.concat(line).toString('utf8');
      line = [];
      length = 0;
      start = end + 1;
    }
    take(piece.subarray(start));
  }
}
