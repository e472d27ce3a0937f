/** A relay and how to be let in, as people configure it. */
import { createHmac } from 'node:crypto';
import { SyncError } from '../../errors.ts';
import { RELAY_CREDENTIAL_MS } from '../../limits.ts';
import type { Milliseconds } from '../../ports.ts';
import type { Address } from '../address.ts';

/** How this device may talk to the relay. What the relay forwards is another matter. */
export type TurnTransport = 'udp' | 'tcp' | 'tls';

export interface TurnServer {
  readonly address: Address;
  readonly transports: readonly TurnTransport[];
  readonly login: TurnLogin;
  /** PEM of authorities that are trusted for it besides the system's: a server of one's own may have one of its own. */
  readonly authorities?: readonly string[];
}

export type TurnLogin =
  /** A name and password for this device. */
  | { readonly kind: 'static'; readonly username: string; readonly password: string }
  /** A secret shared with the server, from which each holder makes short-lived names and passwords. */
  | { readonly kind: 'secret'; readonly username: string; readonly secret: string };

export interface TurnCredentials {
  readonly username: string;
  readonly password: string;
}

const URI =
  /^(?<scheme>turns?):(?:\[(?<v6>[0-9A-Fa-f:.]+)\]|(?<host>[^:?[\]\s]+))(?::(?<port>\d{1,5}))?(?:\?transport=(?<transport>udp|tcp))?$/;
const PORT = 3478;
const TLS_PORT = 5349;

/**
 * A TURN URI (RFC 7065): `turn:HOST[:PORT][?transport=udp|tcp]` or `turns:HOST[:PORT]`. Without a transport `turn:` stands
 * for both: relays listen for both on one port. Throws USAGE.
 */
export function parseTurnServer(uri: string, login: TurnLogin): TurnServer {
  const groups = URI.exec(uri)?.groups;
  const host = groups?.['v6'] ?? groups?.['host'];
  const isSecure = groups?.['scheme'] === 'turns';
  const port = Number(groups?.['port'] ?? (isSecure ? TLS_PORT : PORT));
  if (host === undefined || port < 1 || port > 65_535)
    throw new SyncError('USAGE', { detail: `"${uri}" names no relay; give turn:HOST:PORT or turns:HOST:PORT.` });
  const transports = isSecure ? SECURE.get(groups?.['transport']) : PLAIN.get(groups?.['transport']);
  if (transports === undefined)
    throw new SyncError('USAGE', {
      detail: `"${uri}": a relay is spoken to over TLS by TCP; leave the transport out.`,
    });
  return { address: { host, port }, transports, login };
}

const PLAIN: ReadonlyMap<string | undefined, readonly TurnTransport[]> = new Map([
  [undefined, ['udp', 'tcp'] as const],
  ['udp', ['udp'] as const],
  ['tcp', ['tcp'] as const],
]);
const SECURE: ReadonlyMap<string | undefined, readonly TurnTransport[]> = new Map([
  [undefined, ['tls'] as const],
  ['tcp', ['tls'] as const],
]);

/**
 * What to show the server now. Made of a secret, the name begins with the second at which it expires, and the password is
 * its HMAC-SHA1: the time-limited credentials that coturn calls `use-auth-secret`.
 */
export function credentialsFor(login: TurnLogin, now: Milliseconds): TurnCredentials {
  if (login.kind === 'static') return { username: login.username, password: login.password };
  const username = `${Math.floor((now + RELAY_CREDENTIAL_MS) / 1000)}:${login.username}`;
  return { username, password: createHmac('sha1', login.secret).update(username).digest('base64') };
}
