/** IP addresses: as bytes, as text, and how far they reach. */
import ipaddr from 'ipaddr.js';

/**
 * Who answers at an address: this machine (`host`), the local network (`site`), any machine (`world`), or no single
 * machine at all (`none`: unspecified, broadcast, multicast).
 */
export type IpReach = 'host' | 'site' | 'world' | 'none';

type Parsed = ipaddr.IPv4 | ipaddr.IPv6;

/** Four bytes or sixteen, in network order; undefined for what is no address. A zone (`%eth0`) is left out. */
export function ipBytes(text: string): Uint8Array | undefined {
  const parsed = parse(text);
  return parsed && Uint8Array.from(parsed.toByteArray());
}

/** The reverse of `ipBytes`. `bytes` are four or sixteen. */
export function ipText(bytes: Uint8Array): string {
  return ipaddr.fromByteArray([...bytes]).toString();
}

/** IPv6 addresses with an IPv4 one inside reach as far as that; undefined for what is no address. */
export function ipReach(text: string): IpReach | undefined {
  const parsed = parse(text);
  if (parsed === undefined) return undefined;
  const plain = parsed.kind() === 'ipv6' ? ipaddr.process(parsed.toNormalizedString()) : parsed;
  return REACH.get(plain.range()) ?? 'world';
}

/** Whether an address is one of the internet's own: not one that providers share among customers, nor kept for other uses. */
export function isPublic(text: string): boolean {
  return parse(text)?.range() === 'unicast';
}

/** Whether an address is of use on the network of one interface only; an IPv6 one then needs a zone to connect to. */
export function isLinkLocal(text: string): boolean {
  return parse(text)?.range() === 'linkLocal';
}

/** IPv4 as sockets for both families tell of it (`::ffff:192.0.2.7`) is IPv4; anything else stays what it is. */
export function plainHost(text: string): string {
  const parsed = parse(text);
  return parsed instanceof ipaddr.IPv6 && parsed.isIPv4MappedAddress() ? parsed.toIPv4Address().toString() : text;
}

/**
 * Whom an address counts for where each may have so much: an IPv4 address, or the /64 network that one machine's IPv6
 * addresses are of.
 */
export function networkOf(address: string): string {
  const plain = plainHost(address);
  return plain.includes(':') ? prefixOf(plain, 64) : plain;
}

/** The addresses around one that are likely to have the same owner: a /24 of IPv4, a /48 of IPv6. */
export function rangeOf(address: string): string {
  const plain = plainHost(address);
  return prefixOf(plain, plain.includes(':') ? 48 : 24);
}

/** What is no address stays what it is. `bits` are whole bytes. */
function prefixOf(address: string, bits: number): string {
  const bytes = ipBytes(address)?.fill(0, bits / 8);
  return bytes === undefined ? address : `${ipText(bytes)}/${bits}`;
}

/** Only the four-part decimal form of IPv4: shortened and octal ones are read differently by different programs. */
function parse(text: string): Parsed | undefined {
  const isAddress = ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);
  return isAddress ? ipaddr.parse(text) : undefined;
}

/** Addresses that providers share among customers (100.64.0.0/10) are not here: they are the provider's. */
const REACH: ReadonlyMap<string, IpReach> = new Map<string, IpReach>([
  ['loopback', 'host'],
  ['private', 'site'],
  ['uniqueLocal', 'site'],
  ['linkLocal', 'site'],
  ['unspecified', 'none'],
  ['broadcast', 'none'],
  ['multicast', 'none'],
]);
