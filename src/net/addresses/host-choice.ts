/**
 * Which of this machine's addresses a device uses, as its user chose: `any`, `0.0.0.0` (all of IPv4), `::` (all of IPv6),
 * or addresses. All of them never means the loopback: a device on the loopback reaches the loopback only.
 */
import { SyncError } from '../../errors.ts';
import { ipBytes, ipReach, ipText } from '../ip-address.ts';

/** Each is one of the words above or an address in its shortest form; a link-local one may be followed by its zone. */
export type HostChoice = readonly string[];

export const LOOPBACK_ONLY: HostChoice = ['127.0.0.1'];

/** Throws USAGE. */
export function parseHostChoice(texts: string | readonly string[]): HostChoice {
  const hosts = [texts].flat().map(parseHost);
  if (hosts.length === 0) throw new SyncError('USAGE', { detail: 'Give at least one address to listen on, or "any".' });
  return [...new Set(hosts)];
}

function parseHost(text: string): string {
  if (text === 'any') return text;
  const [address = '', zone] = text.split('%');
  const bytes = ipBytes(address);
  if (bytes === undefined || zone === '')
    throw new SyncError('USAGE', { detail: `"${text}" is no address of this machine; give an IP address, or "any".` });
  return zone === undefined ? ipText(bytes) : `${ipText(bytes)}%${zone}`;
}

/** Whether nobody but this machine itself can be meant. */
export function isLoopbackOnly(hosts: HostChoice): boolean {
  return hosts.every((host) => ipReach(host) === 'host');
}

/** What stands for all addresses of a family. */
export function isWildcard(host: string): boolean {
  return host === 'any' || host === '0.0.0.0' || host === '::';
}

export interface ChosenBy {
  readonly host: string;
  /** Of the interface; what a link-local address is followed by. */
  readonly zone: string;
}

/** Whether an address of this machine is one of those that were chosen. */
export function isChosen(hosts: HostChoice, { host, zone }: ChosenBy): boolean {
  const isIpv6 = host.includes(':');
  const isNamed = hosts.includes(host) || hosts.includes(`${host}%${zone}`);
  if (isNamed || ipReach(host) === 'host') return isNamed;
  return hosts.includes('any') || hosts.includes(isIpv6 ? '::' : '0.0.0.0');
}

/** The only address that was chosen; undefined when there are several, or may be. */
export function onlyHostOf([only, ...others]: HostChoice): string | undefined {
  return others.length > 0 || only === undefined || isWildcard(only) ? undefined : only;
}

/** The IPv4 address to speak UDP from where only one can be given; undefined when IPv6 is all there is. */
export function ipv4HostOf(hosts: HostChoice): string | undefined {
  if (hosts.includes('any') || hosts.includes('0.0.0.0')) return '0.0.0.0';
  return hosts.find((host) => !host.includes(':'));
}
