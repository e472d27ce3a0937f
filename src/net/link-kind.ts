import type { LinkKind } from '../ports.ts';
import { ipReach } from './ip-address.ts';

/**
 * How near the other end of a link is, from its address as `host:port`; IPv6 hosts with or without brackets.
 * An address that cannot be read counts as far away: what is free on the local network may cost money elsewhere.
 */
export function linkKindOf(remote: string): LinkKind {
  const host = remote.slice(0, Math.max(0, remote.lastIndexOf(':'))).replace(/^\[|\]$/g, '');
  const reach = ipReach(host);
  return reach === 'host' || reach === 'site' ? 'lan' : 'direct';
}
