import type { LinkKind } from '../ports.ts';
import { ipReach } from './ip-address.ts';

/**
 * How near the other end of a link is, from its address as `host:port`; IPv6 hosts with or without brackets.
 * An address that cannot be read counts as far away: what is free on the local network may cost money elsewhere.
 */
export function linkKindOf(remote: string): LinkKind {
  const reach = ipReach(hostIn(remote));
  return reach === 'host' || reach === 'site' ? 'lan' : 'direct';
}

/** The host of `host:port`, without brackets; empty when there is none. */
export function hostIn(end: string): string {
  return end.slice(0, Math.max(0, end.lastIndexOf(':'))).replace(/^\[|\]$/g, '');
}
