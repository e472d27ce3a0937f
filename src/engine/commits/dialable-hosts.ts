import { isWildcard } from '../../net/addresses/host-choice.ts';
import { type OwnAddress, usableAddresses } from '../../net/addresses/own-address.ts';
import { isLinkLocal } from '../../net/ip-address.ts';

/**
 * The addresses at which somebody is met who listens on `host`, those that reach further first, this machine's own last. A socket on
 * `::` hears IPv4 as well. Link-local addresses are left out: no address of git's has room for their zone.
 */
export function dialableHosts(host: string, all: readonly OwnAddress[]): readonly string[] {
  if (!isWildcard(host)) return [host];
  const isIpv4Only = host === '0.0.0.0';
  const others = usableAddresses(all, [isIpv4Only ? host : 'any']).filter((own) => !isLinkLocal(own.host));
  const loopbacks = isIpv4Only ? ['127.0.0.1'] : ['127.0.0.1', '::1'];
  const own = loopbacks.filter((loopback) => all.some((address) => address.host === loopback));
  return [...others.map((other) => other.host), ...own];
}
