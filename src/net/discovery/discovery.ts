import type { SignalStream } from '../signalling/signal-stream.ts';

/** Somebody who says it is what was looked for. Nothing of that is proved. */
export interface Claimant {
  /** The same for the same one, so that it is asked only once who it is. */
  readonly key: string;
  /** Undefined when nobody is there. Throws the signal's reason. */
  connect(options: { signal: AbortSignal }): Promise<SignalStream | undefined>;
}

/** A way to find devices. */
export interface Discovery {
  /** Where it looks, for the log. */
  readonly place: 'DHT' | 'gates' | 'local network';
  /** Who is found under a topic, this device left out. Throws the signal's reason. */
  lookUp(topic: Uint8Array, options: { signal: AbortSignal }): Promise<readonly Claimant[]>;
}
