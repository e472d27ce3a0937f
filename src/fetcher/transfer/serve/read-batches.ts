import { TRANSFER_BATCH_BYTES, TRANSFER_LONG_MESSAGE_BYTES } from '../../../limits.ts';
import { giveBackMessageMemory, takeMessageMemory } from '../../../message-memory.ts';
import type { ReadableFile } from '../../ports.ts';
import type { Range } from '../../ranges.ts';
import { BYTES_TAG, PIECE_HEADER_BYTES, writePieceHeader } from '../transfer-frame.ts';

const BATCH_MESSAGES = TRANSFER_BATCH_BYTES / TRANSFER_LONG_MESSAGE_BYTES;

export interface BytesFrame {
  /** A whole channel message, header and all. */
  readonly message: Uint8Array;
  /** The bytes of the file in it. */
  readonly range: Range;
}

/** How bytes are put into messages, which are never longer than a piece of `TRANSFER_LONG_MESSAGE_BYTES`. */
export interface Framing {
  /** Before the bytes. */
  readonly headerBytes: number;
  /** The most bytes of a message; messages end at multiples of it. */
  readonly bodyBytes: number;
  writeHeader(message: Uint8Array, start: number): void;
}

/** Bytes that follow each other. */
export function inOrder(bodyBytes: number): Framing {
  const writeHeader = (message: Uint8Array) => {
    message[0] = BYTES_TAG;
  };
  return { headerBytes: 1, bodyBytes, writeHeader };
}

/** Bytes that say where they belong. */
export function inPieces(bodyBytes: number): Framing {
  return { headerBytes: PIECE_HEADER_BYTES, bodyBytes, writeHeader: writePieceHeader };
}

/** Stretches of a file as channel messages. */
export interface BatchReader {
  /**
   * In batches, until `next` has no more to give; `framing` is asked before each. One batch is read ahead while the one
   * before is sent. The bytes are read straight into the messages, behind their headers, so that they are never copied. A
   * batch holds until the next one is asked for; one call has to be over before the next one.
   */
  read(next: (length: number) => Range | undefined, framing: () => Framing): AsyncGenerator<readonly BytesFrame[]>;
  /** Gives the memory back. All messages have left, or will not be sent. */
  close(): void;
}

/** Two sets of buffers serve a whole file, however often it is asked for more of it. */
export function createBatchReader(file: Pick<ReadableFile, 'read'>): BatchReader {
  let kept: Sets | undefined;
  return {
    read(next, framing) {
      kept ??= [createSet(), createSet()];
      return readBatches(file, { next, framing, sets: kept });
    },
    close() {
      for (const message of kept?.flat() ?? []) giveBackMessageMemory(message);
      kept = undefined;
    },
  };
}

/** Room for two batches, a buffer for each message. Memory outside of the heap is costly to get, and to give up. */
type Sets = readonly [readonly Uint8Array[], readonly Uint8Array[]];

function createSet(): readonly Uint8Array[] {
  const createMessage = () => takeMessageMemory(PIECE_HEADER_BYTES + TRANSFER_LONG_MESSAGE_BYTES);
  return Array.from({ length: BATCH_MESSAGES }, createMessage);
}

interface Reading {
  next(length: number): Range | undefined;
  framing(): Framing;
  readonly sets: Sets;
}

async function* readBatches(
  file: Pick<ReadableFile, 'read'>,
  { next, framing, sets }: Reading,
): AsyncGenerator<readonly BytesFrame[]> {
  let [filling, spare] = sets;
  const read = () => {
    const now = framing();
    return readBatch(file, next(BATCH_MESSAGES * now.bodyBytes), { framing: now, messages: filling });
  };
  let reading = read();
  try {
    for (let frames = await reading; frames; frames = await reading) {
      [filling, spare] = [spare, filling];
      reading = read();
      // Looked at one batch later, or below.
      reading.catch(() => {});
      yield frames;
    }
  } finally {
    // Whoever closes the file may do so now.
    await reading.catch(() => {});
  }
}

async function readBatch(
  file: Pick<ReadableFile, 'read'>,
  batch: Range | undefined,
  { framing, messages }: { framing: Framing; messages: readonly Uint8Array[] },
): Promise<BytesFrame[] | undefined> {
  if (!batch) return undefined;
  const { headerBytes, bodyBytes, writeHeader } = framing;
  const pieces = [...cut(batch, bodyBytes)];
  const frames = messages.slice(0, pieces.length).map((message, place): BytesFrame => {
    const [start, end] = pieces[place] ?? [0, 0];
    writeHeader(message, start);
    return { message: message.subarray(0, headerBytes + end - start), range: [start, end] };
  });
  await file.read(
    frames.map(({ message }) => message.subarray(headerBytes)),
    batch[0],
  );
  return frames;
}

/** The same bytes in ranges that end at multiples of `length`. */
function* cut([start, end]: Range, length: number): Generator<Range> {
  for (let at = start; at < end; ) {
    const border = Math.min(end, at - (at % length) + length);
    yield [at, border];
    at = border;
  }
}
