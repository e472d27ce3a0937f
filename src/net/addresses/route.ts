import { ipReach, isLinkLocal } from '../ip-address.ts';
import { type HostChoice, isWildcard } from './host-choice.ts';
import { type OwnAddress, zonedHost } from './own-address.ts';

/** A way to connect to an address. */
export interface Route {
  /** What to connect to, with the zone where it needs one. */
  readonly host: string;
  /** From where; the system chooses when it is not given. */
  readonly localAddress?: string;
}

/**
 * The ways to an address by somebody else's word, best first; none when it must not or cannot be dialled from here. A device
 * on the loopback talks to the loopback only, and any other device never does: else a peer could make us knock at our own
 * machine's services. A link-local address may be on any network that this machine is on.
 */
export function routesTo(address: string, own: readonly OwnAddress[], hosts: HostChoice): readonly Route[] {
  const sources = own.filter(({ host }) => areCounterparts(host, address));
  if (isLinkLocal(address) && address.includes(':'))
    return sources.map((source) => ({ host: `${address}%${source.zone}`, localAddress: zonedHost(source) }));
  if (sources.length > 0 && isWildcardFor(address, hosts)) return [{ host: address }];
  return sources.map(({ host: localAddress }) => ({ host: address, localAddress }));
}

/** Whether a connection can go from one to the other: of one family, and link-local and loopback ones among themselves. */
export function areCounterparts(own: string, remote: string): boolean {
  const reach = ipReach(remote);
  if (reach === undefined || reach === 'none' || own.includes(':') !== remote.includes(':')) return false;
  const isSameLink = isLinkLocal(own) === isLinkLocal(remote) || !own.includes(':');
  return isSameLink && (reach === 'host') === (ipReach(own) === 'host');
}

function isWildcardFor(address: string, hosts: HostChoice): boolean {
  const isIpv6 = address.includes(':');
  const isOf = (host: string) => host === 'any' || isIpv6 === host.includes(':');
  return ipReach(address) !== 'host' && hosts.some((host) => isWildcard(host) && isOf(host));
}
