import { messageOf } from '../../errors.ts';
import type { Clock, Log } from '../../ports.ts';
import type { HostChoice } from '../addresses/host-choice.ts';
import { zonedHost } from '../addresses/own-address.ts';
import type { OwnAddresses } from '../addresses/own-addresses.ts';
import type { SignalStream } from '../signalling/signal-stream.ts';
import type { Discovery } from './discovery.ts';
import { createLanDiscovery } from './lan-discovery.ts';
import { lanPlaces } from './lan-place.ts';
import { listenForLanSignals } from './lan-signals-adapter.ts';
import { openLocalPost } from './mdns-adapter.ts';

export interface JoinLanOptions {
  /** 32 bytes that make the device's key. */
  readonly seed: Uint8Array;
  readonly own: OwnAddresses;
  /** What this device is found under. */
  readonly topics: readonly Uint8Array[];
  readonly clock: Clock;
  readonly log: Log;
  onStream(stream: SignalStream): void;
}

export interface JoinedLan {
  readonly discovery: Discovery;
  /** The addresses of this device are others. Does not reject. */
  update(): Promise<void>;
  close(): Promise<void>;
}

/** Undefined when that cannot be done here; there are other ways to be found. */
export async function joinLan({ seed, onStream, ...options }: JoinLanOptions): Promise<JoinedLan | undefined> {
  const { own, log } = options;
  try {
    const signals = await listenForLanSignals({ seed, hosts: lanHosts(own), onStream });
    const discovery = await createLanDiscovery({ ...options, signals, openPost: openLocalPost });
    return {
      discovery,
      async update() {
        await signals.reopen(lanHosts(own));
        await discovery.update();
      },
      close: async () => void (await Promise.all([discovery.close(), signals.close()])),
    };
  } catch (error) {
    log.warn('devices on the local network are not found', { reason: messageOf(error) });
    return undefined;
  }
}

/** Neighbours see an answer come from the link-local address, and connect to that; also where another one was chosen. */
function lanHosts(own: OwnAddresses): HostChoice {
  return [...new Set([...own.hosts, ...lanPlaces(own).map(zonedHost)])];
}
