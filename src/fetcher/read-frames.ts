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
 * straight into the messages, behind their tags, so that they are never copied. A message holds until the next one is
 * asked for: two sets of buffers serve a whole file.
 */
export async function* readFrames(file: ReadableFile, ranges: readonly Range[]): AsyncGenerator<BytesFrame> {
  const batches = cut(ranges, TRANSFER_BATCH_BYTES);
  let [filling, spare] = [createMessages(), createMessages()];
  let reading = readNext(file, batches, filling);
  try {
    for (let frames = await reading; frames; frames = await reading) {
      [filling, spare] = [spare, filling];
      reading = readNext(file, batches, filling);
      // Looked at one batch later, or below.
      reading.catch(() => {});
      yield* frames;
    }
  } finally {
    // Whoever closes the file may do so now.
    await reading.catch(() => {});
  }
}

/** Room for one batch, a buffer for each message, tagged. */
function createMessages(): readonly Uint8Array[] {
  return Array.from({ length: TRANSFER_BATCH_BYTES / TRANSFER_MESSAGE_BYTES }, () => {
    const message = Buffer.allocUnsafeSlow(1 + TRANSFER_MESSAGE_BYTES);
    message[0] = BYTES_TAG;
    return message;
  });
}

async function readNext(
  file: ReadableFile,
  batches: Iterator<Range>,
  messages: readonly Uint8Array[],
): Promise<BytesFrame[] | undefined> {
  const batch = batches.next();
  if (batch.done) return undefined;
  const pieces = [...cut([batch.value], TRANSFER_MESSAGE_BYTES)];
  const frames = messages.slice(0, pieces.length).map((message, place) => {
    const [start, end] = pieces[place] ?? [0, 0];
    return { message: message.subarray(0, 1 + end - start), position: end };
  });
  await file.read(
    frames.map(({ message }) => message.subarray(1)),
    batch.value[0],
  );
  return frames;
}

/** The same bytes in ranges of at most `length`. */
function* cut(ranges: Iterable<Range>, length: number): Generator<Range> {
  for (const [start, end] of ranges) {
    for (let at = start; at < end; at += length) yield [at, Math.min(end, at + length)];
  }
}
