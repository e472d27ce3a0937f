import type { Writable } from 'node:stream';
import { createBatches, giveBackBatch } from './batches.ts';
import { createFairQueue } from './fair-queue.ts';
import { type ChannelFrame, encodeFrame, type Frame } from './frame.ts';

/** Hands frames to the stream, as fast as it takes them and no faster. */
export interface Outbox {
  /** A frame of the link, or one that must not wait behind data. */
  post(frame: Frame): void;
  /** A frame in its channel's turn. `onLeft` is called once its bytes are no longer needed. */
  postInTurn(frame: ChannelFrame, onLeft?: () => void): void;
  /** Forgets what waits for a channel's turn. */
  drop(channel: number): void;
  /** Says a last word on the stream, and goes on with what waits on another one. */
  moveTo(stream: Writable, lastWord: Frame): void;
  /** Forgets everything and writes no more. */
  stop(): void;
  /** Frames of `post` that wait, for judging a peer that makes us answer but does not read. */
  readonly answersWaiting: number;
  /** All that was handed to streams. */
  readonly bytesSent: number;
}

interface Waiting {
  readonly frame: Frame;
  readonly onLeft: (() => void) | undefined;
}

/** A frame of at least so many bytes is worth a batch of its own. */
const LARGE_MESSAGE_BYTES = 16 * 1024;

/**
 * What has entered a batch can neither be dropped nor overtaken, so that batches are kept short. The stream is given one
 * piece at a time: TLS copies once more whatever it finds waiting in several.
 */
export function createOutbox(stream: Writable): Outbox {
  const queue = createFairQueue<Waiting>();
  const batches = createBatches();
  let sink = { stream, isWriting: false };
  let stopped = false;
  let bytesSent = 0;

  function pump(): void {
    while (!stopped && batches.hasRoom) {
      const next = queue.shift();
      if (next === undefined) break;
      if (sink.isWriting || !batches.isEmpty || isLarge(next.frame)) batches.add(next.frame);
      else write(encodeFrame(next.frame), () => {});
      next.onLeft?.();
    }
    if (!sink.isWriting) writeBatch();
  }

  /** False when there is none. */
  function writeBatch(): boolean {
    const batch = batches.take();
    if (batch) write(batch.memory.subarray(0, batch.end), () => giveBackBatch(batch));
    return batch !== undefined;
  }

  function write(bytes: Uint8Array, onWritten: () => void): void {
    const to = sink;
    to.isWriting = true;
    bytesSent += bytes.byteLength;
    to.stream.write(bytes, () => {
      to.isWriting = false;
      onWritten();
      if (to !== sink) return;
      // First of all, so that the other side has something to read while the next one is gathered.
      writeBatch();
      pump();
    });
  }

  return {
    get answersWaiting() {
      return queue.urgentCount;
    },
    get bytesSent() {
      return bytesSent;
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
    moveTo(next, lastWord) {
      while (writeBatch());
      write(encodeFrame(lastWord), () => {});
      sink = { stream: next, isWriting: false };
      pump();
    },
    stop() {
      stopped = true;
      // It may hold a goodbye.
      while (writeBatch());
    },
  };
}

function isLarge(frame: Frame): boolean {
  return frame.kind === 'data' && frame.bytes.byteLength >= LARGE_MESSAGE_BYTES;
}
