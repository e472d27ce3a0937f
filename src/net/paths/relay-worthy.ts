import type { Address } from '../address.ts';
import { ipReach } from '../ip-address.ts';

/**
 * Whether a relay may be asked to send to an address. Not from the internet to one of somebody's local network: it leads
 * elsewhere there, or nowhere, and a relay that finds no way (coturn 4.6) drops the place it has given us, with all that
 * works. A relay of which we know a name only counts as one on the internet.
 */
export function isRelayWorthy(host: string, relays: readonly Pick<Address, 'host'>[]): boolean {
  if (relays.length === 0 || ipReach(host) === 'world') return true;
  return relays.every((relay) => {
    const reach = ipReach(relay.host);
    return reach === 'host' || reach === 'site';
  });
}
