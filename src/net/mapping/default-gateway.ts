/** The routers that packets to the internet go to, as systems list them. */
import { ipBytes } from '../ip-address.ts';

export interface DefaultRoute {
  /** The router's address; IPv4. */
  readonly gateway: string;
  /** The interface by which it is reached. */
  readonly by: string;
}

const GATEWAY = 0x2;
const UP = 0x1;

/** From Linux's `/proc/net/route`, the preferred one first. Lines of another form are left out. */
export function routesInProc(text: string): readonly DefaultRoute[] {
  return text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .flatMap(([by = '', destination, gateway = '', flags = '', , , metric = '', mask]) => {
      const isDefault = destination === '00000000' && mask === '00000000';
      const isInUse = (Number.parseInt(flags, 16) & (GATEWAY | UP)) === (GATEWAY | UP);
      return isDefault && isInUse ? [{ gateway: littleEndianHost(gateway), by, metric: Number(metric) }] : [];
    })
    .toSorted((a, b) => a.metric - b.metric)
    .map(({ gateway, by }) => ({ gateway, by }));
}

/** From what `netstat -rn` prints on macOS and the BSDs. */
export function routesInNetstat(text: string): readonly DefaultRoute[] {
  return text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .flatMap(([destination, gateway = '', , by = '']) =>
      destination === 'default' && isIpv4(gateway) ? [{ gateway, by }] : [],
    );
}

function littleEndianHost(hex: string): string {
  return Buffer.from(hex, 'hex').reverse().join('.');
}

function isIpv4(text: string): boolean {
  return ipBytes(text)?.length === 4;
}
