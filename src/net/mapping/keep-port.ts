import { readDefaultRoutes } from './default-gateway-adapter.ts';
import { createNatPmpClient } from './nat-pmp-client.ts';
import { createPcpClient } from './pcp-client.ts';
import { KeptPort, type PortMapping, type PortMappingOptions } from './port-mapping.ts';
import type { RouterAt } from './router-at.ts';
import type { RouterClient } from './router-client.ts';
import { createUpnpClient } from './upnp-client.ts';

/** Keeps a port open on the router that the system sends packets for the internet to. */
export function keepPort(options: Omit<PortMappingOptions, 'readRoutes' | 'makeClients'>): PortMapping {
  const { clock, random } = options;
  return new KeptPort({
    ...options,
    readRoutes: readDefaultRoutes,
    makeClients: (place) => routerClients({ ...place, clock, random }),
  });
}

/** All that a router may be asked by, the one that says most first. */
export function routerClients(at: RouterAt): readonly RouterClient[] {
  return [createPcpClient(at), createNatPmpClient(at), createUpnpClient(at)];
}
