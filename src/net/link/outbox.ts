import type { Writable } from 'node:stream';
import { LINK_WRITE_AHEAD_BYTES } from '../../limits.ts';
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
  /** Forgets everything and writes no more. */
  stop(): void;
  /** Frames of `post` that wait, for judging a peer that makes us answer but does not read. */
  readonly answersWaiting: number;
}

interface Waiting {
  readonly frame: Frame;
  readonly onLeft: (() => void) | undefined;
}

/**
 * The stream's own buffer is kept short: what has entered it can neither be dropped nor overtaken.
 * Frames are encoded when they leave, into a buffer of their own (TLS copies what it is given in several parts anyway).
 */
export function createOutbox(stream: Writable): Outbox {
  const queue = createFairQueue<Waiting>();
  let underWay = 0;
  let stopped = false;

  function pump(): void {
    while (!stopped && underWay < LINK_WRITE_AHEAD_BYTES) {
      const next = queue.shift();
      if (next === undefined) return;
      write(encodeFrame(next.frame));
      next.onLeft?.();
    }
  }

  function write(bytes: Uint8Array): void {
    underWay += bytes.byteLength;
    stream.write(bytes, () => {
      underWay -= bytes.byteLength;
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
