import type { Duplex } from 'node:stream';
import { createBell } from '../../bell.ts';
import { withDeadline } from '../../deadline.ts';
import { messageOf } from '../../errors.ts';
import { LINK_BYE_MS } from '../../limits.ts';
import type { Clock, LinkKind } from '../../ports.ts';
import type { LinkView } from '../net.ts';
import type { Frame } from './frame.ts';
import { createFrameReader } from './frame-reader.ts';

export interface CarrierOptions {
  /** Encrypted and authenticated; the carrier owns it. What it emits as `data` need not hold for longer than the listener runs. */
  readonly stream: Duplex;
  readonly path: LinkView['path'];
  readonly kind: LinkKind;
}

export interface CarrierListener {
  /** Something came, whatever it is. */
  onHeard(on: Carrier, bytes: number): void;
  /** What came ended no frame: there is more to come of one. */
  onPart(on: Carrier): void;
  onFrame(on: Carrier, frame: Frame): void;
  /** What came is no frame. */
  onBroken(on: Carrier, detail: string): void;
  /** Nothing comes any more. May be called twice. */
  onGone(on: Carrier, reason: string): void;
}

/** What a link travels on: a stream, the frames that come on it, and where it leads. A link may move to another one. */
export class Carrier {
  readonly stream: Duplex;
  readonly path: LinkView['path'];
  readonly kind: LinkKind;
  readonly #reader = createFrameReader();
  readonly #changed = createBell();
  readonly #kept: Frame[] = [];
  #frames = 0;
  #listener: CarrierListener;
  #isHeld = false;
  /** Sockets say so by an event first, and by their `closed` property a little later. */
  #isGone = false;

  constructor({ stream, path, kind }: CarrierOptions, listener: CarrierListener) {
    this.stream = stream;
    this.path = path;
    this.kind = kind;
    this.#listener = listener;
    stream.on('data', (chunk: Uint8Array) => this.#onChunk(chunk));
    stream.on('error', (error: Error) => this.#listener.onGone(this, `the connection broke (${error.message})`));
    stream.once('end', () => {
      this.#listener.onGone(this, 'the other device hung up');
      stream.end();
    });
    stream.once('close', () => {
      this.#isGone = true;
      this.#listener.onGone(this, 'the connection broke');
      this.#changed.ring();
    });
  }

  /** Hands out no more frames until `resume`. */
  hold(): void {
    this.#isHeld = true;
    this.stream.pause();
  }

  /** Goes on with what was held back. */
  resume(): void {
    this.#isHeld = false;
    while (!this.#isHeld) {
      const frame = this.#kept.shift();
      if (frame === undefined) break;
      this.#listener.onFrame(this, frame);
    }
    if (!this.#isHeld) this.stream.resume();
  }

  /** Belongs to somebody else from now on. */
  listen(listener: CarrierListener): void {
    this.#listener = listener;
  }

  /** Resolves when the stream is gone. All that was written leaves, however long that takes; what comes is not looked at. */
  async leave(): Promise<void> {
    this.stream.end();
    this.stream.resume();
    await this.#changed.until(() => this.#isGone);
  }

  /** As `leave`, within a deadline: then the stream is destroyed. */
  async close(clock: Clock): Promise<void> {
    const deadline = { what: 'Closing a link', ms: LINK_BYE_MS, clock, signal: new AbortController().signal };
    await withDeadline(deadline, () => this.leave()).catch(() => {});
    this.stream.destroy();
  }

  readonly #onFrame = (frame: Frame): void => {
    this.#frames += 1;
    if (this.#isHeld) this.#kept.push(frame);
    else this.#listener.onFrame(this, frame);
  };

  #onChunk(chunk: Uint8Array): void {
    this.#listener.onHeard(this, chunk.byteLength);
    const before = this.#frames;
    try {
      this.#reader.push(chunk, this.#onFrame);
      if (this.#frames === before) this.#listener.onPart(this);
    } catch (error) {
      this.#listener.onBroken(this, messageOf(error));
    }
  }
}
