import { SyncError } from '../errors.ts';

/** A host name or IP address with a port. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** As `parseAddress` reads it. */
export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** `127.0.0.1:49737`, `dht.example:49737` or `[::1]:49737`. Throws USAGE for anything else. */
export function parseAddress(text: string): Address {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+)):([0-9]{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || !(port >= 1 && port <= 65_535)) {
    throw new SyncError('USAGE', { detail: `"${text}" is no address; give HOST:PORT, as "swarmlog dht" prints it.` });
  }
  return { host, port };
}
