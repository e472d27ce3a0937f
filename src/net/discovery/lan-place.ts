import type { OwnAddress } from '../addresses/own-address.ts';
import type { OwnAddresses } from '../addresses/own-addresses.ts';
import { isLinkLocal } from '../ip-address.ts';

/** An interface to speak multicast on, by one of its addresses: an IPv4 one, or its link-local one. */
export type LanPlace = Pick<OwnAddress, 'on' | 'host' | 'zone'>;

/**
 * One place for each network and family that this device uses. On IPv6 what is said to the neighbours comes from the
 * link-local address, whichever others the interface has (RFC 6762 §11, RFC 6724). The loopback has none, and carries
 * no multicast of IPv6.
 */
export function lanPlaces(own: Pick<OwnAddresses, 'list' | 'all'>): readonly LanPlace[] {
  const used = own.list({ isLocal: true });
  const places = used.flatMap((address): readonly LanPlace[] => {
    if (!address.host.includes(':')) return [address];
    const isNeighbourly = ({ on, host, state }: OwnAddress) =>
      on === address.on && host.includes(':') && isLinkLocal(host) && state !== 'tentative';
    return own.all().filter(isNeighbourly).slice(0, 1);
  });
  const perNetwork = new Map(places.map(({ on, host, zone }) => [placeKey({ on, host }), { on, host, zone }]));
  return [...perNetwork.values()];
}

/** The same for the same place. */
export function placeKey({ on, host }: Pick<LanPlace, 'on' | 'host'>): string {
  return `${on} ${host.includes(':') ? 'ipv6' : host}`;
}
