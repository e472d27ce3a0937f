import type { Writable } from 'node:stream';
import { LINK_WRITE_AHEAD_BYTES } from '../../limits.ts';
import { createFairQueue } from './fair-queue.ts';
import { type ChannelFrame, encodeFrame, encodeFrameInto, type Frame, MAX_FRAME_BYTES } from './frame.ts';

/** Hands frames to the stream, as fast as it takes them and no faster. */
export interface Outbox {
  /** A frame of the link, or one that must not wait behind data. */
  post(frame: Frame): void;
  /** A frame in its channel's turn. `onLeft` is called once its bytes are no longer needed. */
  postInTurn(frame: ChannelFrame, onLeft?: () => void): void;
  /** Forgets what waits for a channel's turn. */
  drop(channel: number): void;
  /** Forgets everything and writes no more. */
  stop(): void;
  /** Frames of `post` that wait, for judging a peer that makes us answer but does not read. */
  readonly answersWaiting: number;
}

interface Waiting {
  readonly frame: Frame;
  readonly onLeft: (() => void) | undefined;
}

/** Large messages leave in batches of at most so many bytes: one that the stream is writing, and one that it takes up next. */
const BATCH_BYTES = LINK_WRITE_AHEAD_BYTES / 2;
/** A message below this leaves by itself. */
const LARGE_MESSAGE_BYTES = 16 * 1024;

/**
 * The stream's own buffer is kept short: what has entered it can neither be dropped nor overtaken. Frames are encoded
 * when they leave, large ones several at a time: TLS copies once more whatever it finds waiting in several parts.
 */
export function createOutbox(stream: Writable): Outbox {
  const queue = createFairQueue<Waiting>();
  let underWay = 0;
  let stopped = false;

  function pump(): void {
    while (!stopped && underWay < BATCH_BYTES) {
      const next = queue.shift();
      if (next === undefined) return;
      if (isLarge(next.frame)) writeBatch(next);
      else writeAlone(next);
    }
  }

  function writeAlone({ frame, onLeft }: Waiting): void {
    write(encodeFrame(frame), () => {});
    onLeft?.();
  }

  /** The frame, and of those behind it as many as fit. */
  function writeBatch(first: Waiting): void {
    const batch = takeBatch();
    const leaving: Waiting[] = [];
    let end = 0;
    for (let next: Waiting | undefined = first; next !== undefined; ) {
      end = encodeFrameInto(next.frame, batch, end);
      leaving.push(next);
      next = end + MAX_FRAME_BYTES <= BATCH_BYTES ? queue.shift() : undefined;
    }
    write(batch.subarray(0, end), () => giveBack(batch));
    for (const { onLeft } of leaving) onLeft?.();
  }

  function write(bytes: Uint8Array, onWritten: () => void): void {
    underWay += bytes.byteLength;
    stream.write(bytes, () => {
      underWay -= bytes.byteLength;
      onWritten();
      pump();
    });
  }

  return {
    get answersWaiting() {
      return queue.urgentCount;
    },
    post(frame) {
      queue.pushUrgent({ frame, onLeft: undefined });
      pump();
    },
    postInTurn(frame, onLeft) {
      queue.push(frame.channel, { frame, onLeft });
      pump();
    },
    drop(channel) {
      queue.drop(channel);
    },
    stop() {
      stopped = true;
    },
  };
}

function isLarge(frame: Frame): boolean {
  return frame.kind === 'data' && frame.bytes.byteLength >= LARGE_MESSAGE_BYTES;
}

/** Batches that all links share: memory outside of the heap is costly to get and, for the garbage collector, to give up. */
const spare: Buffer[] = [];
const SPARE_BATCHES = 8;

function takeBatch(): Buffer {
  return spare.pop() ?? Buffer.allocUnsafeSlow(BATCH_BYTES);
}

function giveBack(batch: Buffer): void {
  if (spare.length < SPARE_BATCHES) spare.push(batch);
}
