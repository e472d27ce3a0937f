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

/** Two batches are ahead at most: one that the stream is writing, and one that gathers what follows it. */
const BATCH_BYTES = LINK_WRITE_AHEAD_BYTES / 2;
/** A frame of at least so many bytes is worth a batch of its own. */
const LARGE_MESSAGE_BYTES = 16 * 1024;

interface Batch {
  readonly bytes: Buffer;
  end: number;
}

/**
 * What has entered a batch can neither be dropped nor overtaken, so that batches are kept short. The stream is given one
 * piece at a time: TLS copies once more whatever it finds waiting in several.
 */
export function createOutbox(stream: Writable): Outbox {
  const queue = createFairQueue<Waiting>();
  let gathering: Batch | undefined;
  let sink = { stream, isWriting: false };
  let stopped = false;
  let bytesSent = 0;

  function pump(): void {
    while (!stopped && hasRoom(gathering)) {
      const next = queue.shift();
      if (next === undefined) break;
      if (sink.isWriting || gathering || isLarge(next.frame)) gather(next.frame);
      else write(encodeFrame(next.frame), () => {});
      next.onLeft?.();
    }
    if (!sink.isWriting) writeGathered();
  }

  function gather(frame: Frame): void {
    gathering ??= { bytes: takeBatchBytes(), end: 0 };
    gathering.end = encodeFrameInto(frame, gathering.bytes, gathering.end);
  }

  function writeGathered(): void {
    if (!gathering) return;
    const { bytes, end } = gathering;
    gathering = undefined;
    write(bytes.subarray(0, end), () => giveBack(bytes));
  }

  function write(bytes: Uint8Array, onWritten: () => void): void {
    const to = sink;
    to.isWriting = true;
    bytesSent += bytes.byteLength;
    to.stream.write(bytes, () => {
      to.isWriting = false;
      onWritten();
      if (to === sink) pump();
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
      writeGathered();
      write(encodeFrame(lastWord), () => {});
      sink = { stream: next, isWriting: false };
      pump();
    },
    stop() {
      stopped = true;
      // It may hold a goodbye.
      writeGathered();
    },
  };
}

function hasRoom(batch: Batch | undefined): boolean {
  return batch === undefined || batch.end + MAX_FRAME_BYTES <= BATCH_BYTES;
}

function isLarge(frame: Frame): boolean {
  return frame.kind === 'data' && frame.bytes.byteLength >= LARGE_MESSAGE_BYTES;
}

/** Memory that all links share: outside of the heap it is costly to get and, for the garbage collector, to give up. */
const spare: Buffer[] = [];
const SPARE_BATCHES = 8;

function takeBatchBytes(): Buffer {
  return spare.pop() ?? Buffer.allocUnsafeSlow(BATCH_BYTES);
}

function giveBack(batch: Buffer): void {
  if (spare.length < SPARE_BATCHES) spare.push(batch);
}
