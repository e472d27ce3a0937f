/** Own addresses for tests: those that are given, and nothing that the machine has. */
import type { Address } from '../../../src/net/address.ts';
import { createOwnAddresses, type OwnAddresses } from '../../../src/net/addresses/own-addresses.ts';
import type { TcpListeners } from '../../../src/net/addresses/tcp-listeners-adapter.ts';
import { quietLog } from '../quiet-log.ts';
import { realClock } from '../time/real-clock.ts';

const LOOPBACK = { on: 'lo', zone: 'lo', host: '127.0.0.1' } as const;

/** They never change. */
export function ownAddresses(...hosts: readonly string[]): OwnAddresses {
  const over = AbortSignal.abort();
  const readInterfaces = () => hosts.map((host) => ({ on: 'eth0', zone: 'eth0', host }));
  return createOwnAddresses({ hosts, readInterfaces, clock: realClock, log: quietLog, signal: over });
}

/** Where something that listens on 127.0.0.1 is to be found. */
export function addressOf(listening: Pick<TcpListeners, 'portAt'>): Address {
  return { host: LOOPBACK.host, port: portOf(listening) };
}

export function portOf({ portAt }: Pick<TcpListeners, 'portAt'>): number {
  return portAt(LOOPBACK) ?? 0;
}
