/** What the system says of this machine's addresses. */
import { readFileSync } from 'node:fs';
import { networkInterfaces, platform } from 'node:os';
import { ipBytes, ipText } from '../ip-address.ts';
import { addressStates, stateKey } from './if-inet6.ts';
import type { OwnAddress } from './own-address.ts';

/** Interfaces that are down, or have no cable, are left out. It takes well below a millisecond. */
export function readInterfaces(): readonly OwnAddress[] {
  const states = addressStates(ipv6List());
  return Object.entries(networkInterfaces()).flatMap(([on, addresses = []]) =>
    addresses.map((address): OwnAddress => {
      const scope = address.family === 'IPv6' && platform() === 'win32' ? String(address.scopeid) : on;
      const host = ipText(ipBytes(address.address) ?? new Uint8Array(4));
      const state = states.get(stateKey({ on, host }));
      return { on, host, zone: scope, ...(state && { state }) };
    }),
  );
}

/** Empty where there is none: what is not told of an address is not known. */
function ipv6List(): string {
  try {
    return platform() === 'linux' ? readFileSync('/proc/net/if_inet6', 'latin1') : '';
  } catch {
    return '';
  }
}
