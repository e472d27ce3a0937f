/** How routers that speak UPnP are looked for: SSDP (UPnP Device Architecture 1.1 §1.3). */

/** Where SSDP is spoken on a local network. */
export const SSDP_GROUP = { host: '239.255.255.250', port: 1900 } as const;

/** A search for routers. Those that know a newer version of the device answer for the older one, too. */
export function formatSearch(): string {
  return [
    'M-SEARCH * HTTP/1.1',
    `HOST: ${SSDP_GROUP.host}:${SSDP_GROUP.port}`,
    'MAN: "ssdp:discover"',
    'MX: 1',
    'ST: urn:schemas-upnp-org:device:InternetGatewayDevice:1',
    '',
    '',
  ].join('\r\n');
}

/**
 * Where an answer says that the device describes itself. Undefined for what is no answer about a router, and for one that
 * points away from who gave it: nobody but the router is ever asked for anything.
 */
export function locationIn(answer: string, from: string): URL | undefined {
  const [status = '', ...lines] = answer.split(/\r?\n/);
  if (!/^HTTP\/1\.[01] 200\b/.test(status)) return undefined;
  const headers = new Map(lines.map(headerOf));
  if (!headers.get('st')?.includes(':InternetGatewayDevice:')) return undefined;
  const location = headers.get('location') ?? '';
  return urlAt(location, from);
}

/** A URL of a machine, by its address and over plain HTTP as all of UPnP is; `base` is what it is relative to. */
export function urlAt(text: string, host: string, base?: URL): URL | undefined {
  if (!URL.canParse(text, base?.href)) return undefined;
  const url = new URL(text, base);
  return url.protocol === 'http:' && url.hostname === host ? url : undefined;
}

function headerOf(line: string): readonly [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, Math.max(0, colon)).trim().toLowerCase(), line.slice(colon + 1).trim()];
}
