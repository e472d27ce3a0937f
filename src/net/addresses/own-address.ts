import { OWN_ADDRESSES } from '../../limits.ts';
import { ipBytes, ipReach, isLinkLocal } from '../ip-address.ts';
import { type HostChoice, isChosen } from './host-choice.ts';

/** An address of this machine, as the system tells of it. */
export interface OwnAddress {
  /** The name of the interface. */
  readonly on: string;
  /** In its shortest form, without a zone. */
  readonly host: string;
  /** What a link-local address is followed by, so that it says on which interface it is meant: `eth0`. */
  readonly zone: string;
  /** Of IPv6, where the system says: made for privacy, on its way out, not usable yet (RFC 4862, RFC 8981). */
  readonly state?: 'temporary' | 'deprecated' | 'tentative';
}

/**
 * The addresses to tell others and to connect from, best first, `OWN_ADDRESSES` at most (RFC 8445 §5.1.1.1):
 *
 * - Of all those of a family, not those that are on their way out while there is another on the interface, and instead of
 *   lasting addresses the temporary ones of the same network: a lasting one tells where the device has been.
 * - Both families in turn, so that a family that does not work costs one try (RFC 8421 §4); the one whose best address
 *   reaches further begins, and IPv6 of two that reach as far (RFC 6724).
 * - Link-local ones last: they are of use on one network only.
 */
export function usableAddresses(all: readonly OwnAddress[], hosts: HostChoice): readonly OwnAddress[] {
  const listed = all.filter((address) => address.state !== 'tentative' && isChosen(hosts, address));
  const chosen = [...listed, ...unlistedLoopback(all, hosts)];
  const isNamed = ({ host, zone }: OwnAddress) => hosts.includes(host) || hosts.includes(`${host}%${zone}`);
  const usable = chosen.filter((address) => isNamed(address) || !isOutdone(address, chosen));
  const routed = usable.filter(({ host }) => !isLinkLocal(host)).toSorted(byReach);
  const linkLocal = usable.filter(({ host }) => isLinkLocal(host)).toSorted(byReach);
  return [...inTurn(routed), ...linkLocal].slice(0, OWN_ADDRESSES);
}

/** All of 127.0.0.0/8 is this machine, and one of it is listed. */
function unlistedLoopback(all: readonly OwnAddress[], hosts: HostChoice): readonly OwnAddress[] {
  const unlisted = hosts.filter((host) => ipReach(host) === 'host' && !all.some((address) => address.host === host));
  return unlisted.map((host) => ({ on: 'loopback', host, zone: 'loopback' }));
}

/** The name that tells one address from all others, and that sockets take. */
export function zonedHost({ host, zone }: Pick<OwnAddress, 'host' | 'zone'>): string {
  return isLinkLocal(host) && host.includes(':') ? `${host}%${zone}` : host;
}

function isOutdone(address: OwnAddress, all: readonly OwnAddress[]): boolean {
  const others = all.filter(({ on, host, state }) => on === address.on && state !== 'deprecated' && host.includes(':'));
  const isBeside = (other: OwnAddress) => isLinkLocal(other.host) === isLinkLocal(address.host);
  if (address.state === 'deprecated') return others.some(isBeside);
  if (!address.host.includes(':') || address.state === 'temporary') return false;
  return others.some(({ host, state }) => state === 'temporary' && networkOf(host) === networkOf(address.host));
}

/** The first half of an IPv6 address: where addresses are made by machines themselves, it is the network. */
function networkOf(host: string): string {
  return Buffer.from(ipBytes(host) ?? [])
    .subarray(0, 8)
    .toString('hex');
}

const REACH_ORDER = ['world', 'site', 'host', 'none'];

/** A total order: whoever asks again gets the same. */
function byReach(a: OwnAddress, b: OwnAddress): number {
  const order = (address: OwnAddress) => REACH_ORDER.indexOf(ipReach(address.host) ?? 'none');
  const family = (address: OwnAddress) => (address.host.includes(':') ? 0 : 1);
  return order(a) - order(b) || family(a) - family(b) || (zonedHost(a) < zonedHost(b) ? -1 : 1);
}

function inTurn(ordered: readonly OwnAddress[]): readonly OwnAddress[] {
  const [best] = ordered;
  if (best === undefined) return [];
  const isOfBest = ({ host }: OwnAddress) => host.includes(':') === best.host.includes(':');
  const [first, second] = [ordered.filter(isOfBest), ordered.filter((address) => !isOfBest(address))];
  return ordered.flatMap((_, at) => [...first.slice(at, at + 1), ...second.slice(at, at + 1)]);
}

export interface AddressChange {
  readonly come: readonly OwnAddress[];
  readonly gone: readonly OwnAddress[];
}

/** Undefined when the same addresses are there, in whatever order and state. */
export function addressChange(before: readonly OwnAddress[], after: readonly OwnAddress[]): AddressChange | undefined {
  const come = after.filter((address) => !before.some((known) => isSame(known, address)));
  const gone = before.filter((address) => !after.some((known) => isSame(known, address)));
  return come.length + gone.length === 0 ? undefined : { come, gone };
}

function isSame(a: OwnAddress, b: OwnAddress): boolean {
  return a.on === b.on && a.host === b.host;
}
