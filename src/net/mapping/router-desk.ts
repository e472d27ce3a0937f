import { messageOf } from '../../errors.ts';
import { MAPPING_LIFETIME_MS } from '../../limits.ts';
import type { Log } from '../../ports.ts';
import type { Address } from '../address.ts';
import type { OwnAddress } from '../addresses/own-address.ts';
import type { OwnAddresses } from '../addresses/own-addresses.ts';
import type { DefaultRoute } from './default-gateway.ts';
import type { GotPort } from './mapping-machine.ts';
import type { AskOptions, MappingAsk, RouterClient } from './router-client.ts';

/** A router, and this machine's address on the network that both are on. */
export interface Place {
  readonly router: string;
  readonly from: string;
}

export interface RouterDeskOptions {
  readonly own: Pick<OwnAddresses, 'list'>;
  /** Where this device listens for direct TCP paths. */
  portAt(address: OwnAddress): number | undefined;
  /** The routers that packets to the internet go to, the preferred one first. */
  readRoutes(signal: AbortSignal): Promise<readonly DefaultRoute[]>;
  /** What a router may be asked by, best first. */
  makeClients(place: Place): readonly RouterClient[];
  readonly log: Log;
}

export type Answer =
  | { readonly kind: 'got'; readonly port: GotPort }
  | { readonly kind: 'failed'; readonly reason: string };

interface FoundPlace extends Place {
  readonly internal: Address;
}

/** Where a port is asked for: finds out which router there is and what it speaks, and goes on speaking that. */
export class RouterDesk {
  readonly #options: RouterDeskOptions;
  #place: Place = { router: '', from: '' };
  /** Of that place, the one that the router understood first. */
  #clients: readonly RouterClient[] = [];

  constructor(options: RouterDeskOptions) {
    this.#options = options;
  }

  /** Asks for a port, best the last one again. */
  async ask(last: GotPort | undefined, { signal }: AskOptions): Promise<Answer> {
    const found = findPlace(await this.#options.readRoutes(signal), this.#options);
    if ('reason' in found) return { kind: 'failed', reason: found.reason };
    const { router, internal } = found;
    const externalPort = last?.external.port ?? internal.port;
    const wanted: MappingAsk = { internal, externalPort, lifetimeMs: MAPPING_LIFETIME_MS };
    const reasons: string[] = [];
    for (const client of this.#clientsAt(found)) {
      try {
        const mapped = await client.map(wanted, { signal });
        this.#clients = [client, ...this.#clients.filter((other) => other !== client)];
        return { kind: 'got', port: { ...mapped, protocol: client.protocol, router, internal } };
      } catch (error) {
        signal.throwIfAborted();
        reasons.push(messageOf(error));
        this.#options.log.debug('no port by that protocol', { protocol: client.protocol, reason: messageOf(error) });
      }
    }
    return { kind: 'failed', reason: reasons.join(' ') };
  }

  /** Has the port closed again. Throws as the client does. */
  async giveBack({ protocol, internal, external, lifetimeMs }: GotPort, options: AskOptions): Promise<void> {
    const client = this.#clients.find((candidate) => candidate.protocol === protocol);
    await client?.unmap({ internal, externalPort: external.port, lifetimeMs }, options);
  }

  #clientsAt(place: Place): readonly RouterClient[] {
    if (place.router !== this.#place.router || place.from !== this.#place.from) {
      this.#place = place;
      this.#clients = this.#options.makeClients(place);
    }
    return this.#clients;
  }
}

/** The first router that is on a network on which this device listens. */
function findPlace(
  routes: readonly DefaultRoute[],
  { own, portAt }: RouterDeskOptions,
): FoundPlace | { readonly reason: string } {
  const addresses = own.list({ isLocal: false }).filter(({ host }) => !host.includes(':'));
  for (const { gateway: router, by } of routes) {
    const address = addresses.find(({ on }) => on === by);
    const port = address && portAt(address);
    if (address !== undefined && port !== undefined)
      return { router, from: address.host, internal: { host: address.host, port } };
  }
  const [first] = routes;
  return {
    reason:
      first === undefined
        ? 'This machine knows no router to the internet by IPv4.'
        : `This device does not listen on the network of the router (${first.gateway}); give its address there with --host.`,
  };
}
