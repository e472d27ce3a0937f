/**
 * The outside world as the core sees it. Everything here is implemented by adapters
 * (`engine/node-ports-adapter.ts`, `net/`) and by doubles in `test/support/`.
 */
import type { AccountUri, DeviceId } from './ids.ts';

/** Milliseconds since the Unix epoch, or a span of them. */
export type Milliseconds = number;

export interface Clock {
  now(): Milliseconds;
  /** Resolves after `ms`; throws the signal's reason when aborted first. */
  wait(ms: Milliseconds, signal: AbortSignal): Promise<void>;
}

export interface Random {
  /** A whole number in `[0, limit)`. `limit` is at most 2^53. */
  below(limit: number): number;
  bytes(count: number): Uint8Array;
}

export interface Log {
  debug(message: string, data?: object): void;
  info(message: string, data?: object): void;
  warn(message: string, data?: object): void;
}

/** How near the other end of a link is: on the local network, reached directly over the internet, or through a relay. */
export type LinkKind = 'lan' | 'direct' | 'relay';

/** Who stands at the other end of a link, as its certificates prove. */
export interface PeerIdentity {
  readonly device: DeviceId;
  readonly account: AccountUri;
}

/**
 * A named, flow-controlled lane on a link. Messages keep their borders and their order.
 *
 * Invariants: nothing arrives after the end marker; a message is at most `CHANNEL_MESSAGE_BYTES`;
 * a reader that stops reading stops the sender and nobody else.
 */
export interface Channel extends AsyncDisposable {
  readonly name: string;
  readonly peer: PeerIdentity;
  /**
   * Resolves when the message may leave (credit granted and handed to the link); its bytes may be changed from then on.
   * Throws CHANNEL_CLOSED.
   */
  send(bytes: Uint8Array): Promise<void>;
  /** Ends normally at the other side's end marker; throws CHANNEL_CLOSED when the channel or its link broke. One reader. */
  messages(options: { signal: AbortSignal }): AsyncIterable<Uint8Array>;
  /** Sends the end marker and waits until the other side has read everything up to it. Throws CHANNEL_CLOSED. */
  end(options: { signal: AbortSignal }): Promise<void>;
  /** Closes at once in both directions; harmless when closed already. The reason reaches the other side. */
  close(reason?: string): void;
  /**
   * Fires, with CHANNEL_CLOSED, once the channel was closed by either side or its link broke: also for who does not
   * read just then.
   */
  readonly closed: AbortSignal;
}
