import { TRANSFER_BATCH_BYTES, TRANSFER_MESSAGE_BYTES } from '../limits.ts';
import type { ReadableFile } from './ports.ts';
import { BYTES_TAG, type Range } from './transfer-frame.ts';

export interface BytesFrame {
  /** A whole channel message, tag and all. */
  readonly message: Uint8Array;
  /** Where in the file its last byte ends. */
  readonly position: number;
}

/**
 * The ranges of a file as channel messages. One batch is read ahead while the one before is sent. The bytes are read
 * straight into the messages, behind their tags, so that they are never copied.
 */
export async function* readFrames(file: ReadableFile, ranges: readonly Range[]): AsyncGenerator<BytesFrame> {
  const batches = cut(ranges, TRANSFER_BATCH_BYTES);
  let reading = readNext(file, batches);
  try {
    for (let frames = await reading; frames; frames = await reading) {
      reading = readNext(file, batches);
      // Looked at one batch later, or below.
      reading.catch(() => {});
      yield* frames;
    }
  } finally {
    // Whoever closes the file may do so now.
    await reading.catch(() => {});
  }
}

async function readNext(file: ReadableFile, batches: Iterator<Range>): Promise<BytesFrame[] | undefined> {
  const batch = batches.next();
  if (batch.done) return undefined;
  const frames = [...cut([batch.value], TRANSFER_MESSAGE_BYTES)].map(([start, end]) => {
    const message = Buffer.allocUnsafeSlow(1 + end - start);
    message[0] = BYTES_TAG;
    return { message, position: end };
  });
  const bodies = frames.map(({ message }) => message.subarray(1));
  await file.read(bodies, batch.value[0]);
  return frames;
}

/** The same bytes in ranges of at most `length`. */
function* cut(ranges: Iterable<Range>, length: number): Generator<Range> {
  for (const [start, end] of ranges) {
    for (let at = start; at < end; at += length) yield [at, Math.min(end, at + length)];
  }
}
