import { createBell } from '../../../bell.ts';
import {
  SOURCE_FIRST_WINDOW_BYTES,
  TRANSFER_LONG_MESSAGE_BYTES,
  TRANSFER_MESSAGE_BYTES,
  TRANSFER_RANGES_WAITING,
} from '../../../limits.ts';
import type { Channel } from '../../../ports.ts';
import type { PaceShare } from '../../pace/pace.ts';
import type { AnnouncedFile, ReadableFile } from '../../ports.ts';
import type { Range } from '../../ranges.ts';
import { type Ranges, sizeOf } from '../../ranges.ts';
import { encodeHashes } from '../transfer-frame.ts';
import { createRangeQueue } from './range-queue.ts';
import { type BytesFrame, createBatchReader, type Framing, inOrder, inPieces } from './read-batches.ts';

export interface OutflowOptions {
  readonly file: AnnouncedFile;
  readonly source: Pick<ReadableFile, 'read'>;
  readonly channel: Channel;
  readonly pace: PaceShare;
  /** The list of the file's chunk hashes. */
  chunkHashes(signal: AbortSignal): Promise<Uint8Array>;
  /** The last byte that has left ends here; of a file in chunks, so many have left. */
  onSent(position: number): void;
  /** Nothing that was asked for is left to send. */
  onSentAll(): void;
  /** The receiver has asked for more than `TRANSFER_RANGES_WAITING`. */
  onTooMuch(): void;
  /** Called once; nothing is sent after it. */
  onFailed(error: unknown): void;
}

/**
 * What flows from our file to one receiver. Disposing it stops it at the next message, and waits until the file is not
 * read any more.
 */
export interface Outflow extends AsyncDisposable {
  send(order: { readonly ranges: Ranges; readonly hashes: boolean }): void;
  skip(ranges: Ranges): void;
}

export function openOutflow(options: OutflowOptions): Outflow {
  const { file, source, channel, pace } = options;
  const over = new AbortController();
  const bell = createBell();
  const queue = createRangeQueue();
  const reader = createBatchReader(source);
  const framing = () => framingOf(file, { pace, waiting: queue.bytes() });
  let owesHashes = false;
  let isAsked = false;
  let sent = 0;

  /** The list goes before all bytes that wait. */
  async function sendHashes(): Promise<void> {
    owesHashes = false;
    const hashes = await options.chunkHashes(over.signal);
    for (let at = 0; at < hashes.length && !over.signal.aborted; at += TRANSFER_MESSAGE_BYTES)
      await channel.send(encodeHashes(hashes.subarray(at, at + TRANSFER_MESSAGE_BYTES)));
  }

  async function sendBatch(batch: readonly BytesFrame[]): Promise<void> {
    for (const { message, range } of batch) {
      if (owesHashes) await sendHashes();
      if (over.signal.aborted) return;
      if (pace.isLimited()) await pace.take(sizeOf([range]), over.signal);
      await channel.send(message);
      hasSent(range);
    }
  }

  function hasSent([start, end]: Range): void {
    sent += end - start;
    options.onSent(file.chunks ? sent : end);
  }

  async function sendWaiting(): Promise<void> {
    isAsked = false;
    if (owesHashes) await sendHashes();
    for await (const batch of reader.read(queue.next, framing)) {
      await sendBatch(batch);
      if (over.signal.aborted) return;
    }
    if (!isAsked && !over.signal.aborted) options.onSentAll();
  }

  async function run(): Promise<void> {
    while (!over.signal.aborted) {
      await bell.until(() => isAsked || over.signal.aborted);
      if (!over.signal.aborted) await sendWaiting();
    }
  }

  function onFailed(error: unknown): void {
    if (!over.signal.aborted) options.onFailed(error);
  }

  // What could not be sent may still lie somewhere on the way out: its memory is left to the garbage collector.
  const running = run().then(reader.close, onFailed);
  return {
    send({ ranges, hashes }) {
      queue.add(ranges);
      owesHashes ||= hashes;
      isAsked = true;
      if (queue.count() > TRANSFER_RANGES_WAITING) options.onTooMuch();
      else bell.ring();
    },
    skip: queue.skip,
    async [Symbol.asyncDispose]() {
      over.abort();
      bell.ring();
      await running;
    },
  };
}

/**
 * A message never crosses from one chunk into the next: all these sizes are powers of two. A receiver hears of a message when
 * all of it is there, so that long ones are only for one that has found this source fast, and asks for much at a time.
 */
function framingOf(
  { chunks }: AnnouncedFile,
  { pace, waiting }: { readonly pace: PaceShare; readonly waiting: number },
): Framing {
  if (!chunks) return inOrder(Math.min(TRANSFER_MESSAGE_BYTES, pace.pieceBytes()));
  const most = waiting > SOURCE_FIRST_WINDOW_BYTES ? TRANSFER_LONG_MESSAGE_BYTES : TRANSFER_MESSAGE_BYTES;
  return inPieces(Math.min(most, pace.pieceBytes(), chunks.size));
}
