import { createNatPmpClient } from '../../src/net/mapping/nat-pmp-client.ts';
import { createPcpClient } from '../../src/net/mapping/pcp-client.ts';
import type { RouterAt } from '../../src/net/mapping/router-at.ts';
import type { RouterClient } from '../../src/net/mapping/router-client.ts';
import { createUpnpClient } from '../../src/net/mapping/upnp-client.ts';
import { type FakeRouterOptions, igd, natPmp, pcp, searchAnswer, startFakeRouter } from '../support/net/fake-router.ts';
import { type ClientAtRouter, describeRouterClient } from './router-client.contract.ts';

async function clientAt(options: FakeRouterOptions, create: (at: RouterAt) => RouterClient): Promise<ClientAtRouter> {
  const router = await startFakeRouter(options);
  return { router, client: create(router.at), [Symbol.asyncDispose]: () => router[Symbol.asyncDispose]() };
}

describeRouterClient('PCP', () => clientAt({ control: pcp }, createPcpClient));
describeRouterClient('NAT-PMP', () => clientAt({ control: natPmp }, createNatPmpClient));
describeRouterClient('UPnP', () =>
  clientAt({ search: (_, base) => searchAnswer(`${base}/desc.xml`), http: igd() }, createUpnpClient),
);
