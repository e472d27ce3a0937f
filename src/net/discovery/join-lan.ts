import { messageOf } from '../../errors.ts';
import type { Clock, Log } from '../../ports.ts';
import type { SignalStream } from '../signalling/signal-stream.ts';
import type { Discovery } from './discovery.ts';
import { createLanDiscovery } from './lan-discovery.ts';
import { listenForLanSignals } from './lan-signals-adapter.ts';
import { openLocalPost } from './mdns-adapter.ts';

export interface JoinLanOptions {
  /** 32 bytes that make the device's key. */
  readonly seed: Uint8Array;
  readonly host: string;
  /** What this device is found under. */
  readonly topics: readonly Uint8Array[];
  readonly clock: Clock;
  readonly log: Log;
  onStream(stream: SignalStream): void;
}

export interface JoinedLan {
  readonly discovery: Discovery;
  close(): Promise<void>;
}

/** Undefined when that cannot be done here; there are other ways to be found. */
export async function joinLan({ seed, onStream, ...options }: JoinLanOptions): Promise<JoinedLan | undefined> {
  const { host, log } = options;
  // Multicast DNS goes over IPv4 here.
  if (host.includes(':')) return undefined;
  const signals = await listenForLanSignals({ seed, host, onStream });
  try {
    const discovery = await createLanDiscovery({ ...options, signals, openPost: openLocalPost });
    const close = async () => void (await Promise.all([discovery.close(), signals.close()]));
    return { discovery, close };
  } catch (error) {
    log.warn('devices on the local network are not found', { reason: messageOf(error) });
    await signals.close();
    return undefined;
  }
}
