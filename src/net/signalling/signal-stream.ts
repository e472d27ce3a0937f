/** Messages to and from the holder of a DHT key, encrypted to it. */
export interface SignalStream {
  /** Proved by the stream's own handshake. Ed25519, 32 bytes. */
  readonly remotePublicKey: Uint8Array;
  /** The address it comes from, as far as it is known: a node that forwards has its own. */
  readonly remoteHost?: string | undefined;
  /** The other side was met on the local network: addresses that hold there only are of use to it. */
  readonly isLocal: boolean;
  /** What is said arrives seconds later. */
  readonly isSlow?: boolean;
  /** Harmless when the stream has ended. */
  send(message: object): void;
  /** The next message, parsed from JSON and not checked; undefined at the end. Throws the signal's reason. One reader. */
  receive(options: { signal: AbortSignal }): Promise<{ readonly message: unknown } | undefined>;
  /** What was sent still leaves. */
  close(): void;
}
