import type { Duplex } from 'node:stream';
import { createBell } from '../../bell.ts';
import { SIGNAL_FLUSH_MS, SIGNALS_WAITING } from '../../limits.ts';
import { createMessageReader, encodeMessage } from './message-codec.ts';
import type { SignalStream } from './signal-stream.ts';

/** A stream encrypted by Noise. Its key is there once the first bytes are. */
export interface NoiseStream extends Duplex {
  readonly remotePublicKey: Buffer;
  /** What it runs on: a stream of the DHT's, or a TCP socket. */
  readonly rawStream: { readonly remoteHost?: string | null; readonly remoteAddress?: string } | null;
}

/** Messages to somebody who may be slow to read them. */
export interface DrainedSignals extends SignalStream {
  /** Resolves once what was sent has left, or never will. Throws the signal's reason. */
  drained(options: { signal: AbortSignal }): Promise<void>;
}

/** A Noise stream as messages. What cannot be read, or is more than anybody has to say, ends the stream. */
export function noiseSignals(stream: NoiseStream, { isLocal }: Pick<SignalStream, 'isLocal'>): DrainedSignals {
  const reader = createMessageReader();
  const received: unknown[] = [];
  const changed = createBell();
  let [hasEnded, isFull] = [false, false];
  const end = () => {
    hasEnded = true;
    changed.ring();
  };
  const read = (chunk: Uint8Array) => {
    try {
      received.push(...reader.push(chunk));
      if (received.length > SIGNALS_WAITING) stream.destroy();
    } catch {
      stream.destroy();
    }
    changed.ring();
  };
  stream.on('data', read);
  stream.on('drain', () => {
    isFull = false;
    changed.ring();
  });
  stream.on('error', end);
  stream.on('close', end);
  stream.on('end', () => {
    end();
    stream.end();
  });
  return {
    isLocal,
    get remotePublicKey() {
      return stream.remotePublicKey;
    },
    get remoteHost() {
      return stream.rawStream?.remoteHost ?? stream.rawStream?.remoteAddress;
    },
    send(message) {
      if (!hasEnded) isFull = !stream.write(encodeMessage(message));
    },
    drained: ({ signal }) => changed.until(() => !isFull || hasEnded, signal),
    async receive({ signal }) {
      await changed.until(() => received.length > 0 || hasEnded, signal);
      return received.length > 0 ? { message: received.shift() } : undefined;
    },
    close() {
      stream.end();
      // The other side may not hang up: what was written has left long before.
      const timer = setTimeout(() => stream.destroy(), SIGNAL_FLUSH_MS);
      stream.once('close', () => clearTimeout(timer));
      end();
    },
  };
}
