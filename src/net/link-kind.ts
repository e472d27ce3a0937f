import type { LinkKind } from '../ports.ts';

/**
 * How near the other end of a link is, from its address as `host:port`; IPv6 hosts with or without brackets.
 * An address that cannot be read counts as far away: what is free on the local network may cost money elsewhere.
 */
export function linkKindOf(remote: string): LinkKind {
  const host = remote.slice(0, Math.max(0, remote.lastIndexOf(':'))).replace(/^\[|\]$/g, '');
  const plain = host.replace(V4_IN_V6, '');
  return LOCAL_V4.test(plain) || LOCAL_V6.test(plain) ? 'lan' : 'direct';
}

const V4_IN_V6 = /^::ffff:(?=[\d.]+$)/i;
/** Loopback, the private ranges (RFC 1918) and link-local; not the range that providers share (100.64.0.0/10), which is theirs. */
const LOCAL_V4 = /^(?:127|10|192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01]))(?:\.\d{1,3}){1,3}$/;
/** Loopback, unique local (fc00::/7) and link-local (fe80::/10), which may name its interface. */
const LOCAL_V6 = /^(?:::1|f[cd][\da-f]{2}:[\da-f:]*|fe[89ab][\da-f]:[\da-f:]*(?:%.+)?)$/i;
