import { Duplex } from 'node:stream';
import { messageOf, SyncError } from '../../errors.ts';
import { createSpentMemory } from '../spent-memory-adapter.ts';
import { guarded, quietly } from './guarded.ts';

/** The fastest size; larger ones are slower. */
const MESSAGE_BYTES = 64 * 1024;
const BUFFERED_HIGH = 1024 * 1024;
const BUFFERED_LOW = 256 * 1024;
const END = 'end';
const END_ACK = 'end-ack';

const spentMemory = createSpentMemory();

/** What the stream needs of an open data channel. All of it throws once the channel is closed. */
export interface OpenDataChannel {
  /** Copies the bytes. */
  sendMessageBinary(bytes: Uint8Array): unknown;
  sendMessage(text: string): unknown;
  bufferedAmount(): number;
  setBufferedAmountLowThreshold(bytes: number): void;
  onBufferedAmountLow(listener: () => void): void;
  /** Each message comes in memory of its own. */
  onMessage(listener: (message: string | Buffer | ArrayBuffer) => void): void;
}

/**
 * A data channel as bytes without borders, for TLS to run on.
 *
 * - What it emits as `data` holds until the listener returns, and what is written to it belongs to it: it gives up the
 *   memory of both at once. TLS copies both, into memory that lives no longer than one piece.
 * - There is no back-pressure on receiving: the channels' credit above bounds it. On sending `bufferedAmount` is watched.
 * - Data may be lost when a channel is closed: the end is marked and acknowledged by text messages; all bytes are binary.
 */
export class DataChannelStream extends Duplex {
  readonly #channel: OpenDataChannel;
  readonly #onGone: () => void;
  #onDrained: (() => void) | undefined;
  #onEndAck: (() => void) | undefined;

  constructor(channel: OpenDataChannel, onGone: () => void) {
    super({ highWaterMark: BUFFERED_LOW });
    this.#channel = channel;
    this.#onGone = onGone;
    channel.setBufferedAmountLowThreshold(BUFFERED_LOW);
    channel.onBufferedAmountLow(guarded(() => this.#drained()));
    channel.onMessage(guarded((message) => this.#receive(message)));
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    try {
      for (let at = 0; at < chunk.byteLength; at += MESSAGE_BYTES)
        this.#channel.sendMessageBinary(chunk.subarray(at, at + MESSAGE_BYTES));
    } catch (error) {
      done(closed(messageOf(error)));
      return;
    }
    spentMemory.give(chunk);
    if (this.#channel.bufferedAmount() < BUFFERED_HIGH) done();
    else this.#onDrained = done;
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#onEndAck = done;
    this.#tell(END);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#drained();
    this.#ended();
    done(error);
    this.#onGone();
  }

  #receive(message: string | Buffer | ArrayBuffer): void {
    if (this.destroyed) return;
    if (message === END) {
      this.#tell(END_ACK);
      this.push(null);
    } else if (message === END_ACK) {
      this.#ended();
    } else if (typeof message !== 'string') {
      this.#pass(Buffer.isBuffer(message) ? message : Buffer.from(message));
    }
  }

  #pass(bytes: Buffer): void {
    this.push(bytes);
    // Else it is kept until somebody reads.
    if (this.readableLength === 0) spentMemory.give(bytes);
  }

  #tell(text: string): void {
    quietly(() => this.#channel.sendMessage(text));
  }

  #drained(): void {
    const done = this.#onDrained;
    this.#onDrained = undefined;
    done?.();
  }

  #ended(): void {
    const done = this.#onEndAck;
    this.#onEndAck = undefined;
    done?.();
  }
}

function closed(reason: string): SyncError {
  return new SyncError('CHANNEL_CLOSED', { channel: 'The data channel', reason });
}
