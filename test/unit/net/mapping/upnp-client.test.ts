import { expect, it } from 'vitest';
import { ROUTER_ANSWER_BYTES } from '../../../../src/limits.ts';
import { createUpnpClient } from '../../../../src/net/mapping/upnp-client.ts';
import {
  description,
  type FakeRouterOptions,
  fault,
  igd,
  searchAnswer,
  startFakeRouter,
} from '../../../support/net/fake-router.ts';
import { patience } from '../../../support/time/patience.ts';

const ASK = { internal: { host: '127.0.0.1', port: 4001 }, externalPort: 4001, lifetimeMs: 3_600_000 };
const search: FakeRouterOptions['search'] = (_, base) => searchAnswer(`${base}/desc.xml`);
const http = igd();

it('takes another port outside when the one it wants is somebody else’s', async () => {
  await using router = await startFakeRouter({ search, http: igd(new Set([4001])) });
  const mapped = await createUpnpClient(router.at).map(ASK, { signal: patience() });
  expect(mapped.external.port).not.toBe(4001);
  expect([...router.open]).toEqual([[mapped.external.port, '127.0.0.1:4001']]);
});

it('gives up when all ports outside are somebody else’s', async () => {
  const all = { has: () => true };
  await using router = await startFakeRouter({ search, http: igd(all) });
  await expect(createUpnpClient(router.at).map(ASK, { signal: patience() })).rejects.toThrow(
    'belongs to somebody else',
  );
});

it('opens no port for ever', async () => {
  const onlyForEver: typeof http = (request, router) =>
    request.action === 'AddPortMapping' ? fault(725) : http(request, router);
  await using router = await startFakeRouter({ search, http: onlyForEver });
  await expect(createUpnpClient(router.at).map(ASK, { signal: patience() })).rejects.toThrow(
    'only opens ports for ever',
  );
});

it('looks for the router once, and again when its service is gone', async () => {
  let control = '/old';
  const moving: typeof http = (request, router) => {
    if (request.url === '/desc.xml') return { status: 200, text: description(control) };
    return request.url === control ? http(request, router) : { status: 404, text: '' };
  };
  await using router = await startFakeRouter({ search, http: moving });
  const client = createUpnpClient(router.at);
  await client.map(ASK, { signal: patience() });
  await client.map(ASK, { signal: patience() });
  expect(router.asked.filter((asked) => asked === '/desc.xml')).toHaveLength(1);
  control = '/new';
  await expect(client.map(ASK, { signal: patience() })).rejects.toThrow('error 404');
  await client.map(ASK, { signal: patience() });
  expect(router.asked.filter((asked) => asked === '/desc.xml')).toHaveLength(2);
});

it('reads no more of a description than a router has to say', async () => {
  const endless: typeof http = () => ({ status: 200, text: 'x'.repeat(ROUTER_ANSWER_BYTES + 1) });
  await using router = await startFakeRouter({ search, http: endless });
  await expect(createUpnpClient(router.at).map(ASK, { signal: patience() })).rejects.toMatchObject({
    code: 'LIMIT_EXCEEDED',
  });
});

it('is told of a router that opens no ports', async () => {
  const other: typeof http = () => ({
    status: 200,
    text: description('/x', 'urn:schemas-upnp-org:service:Printing:1'),
  });
  await using router = await startFakeRouter({ search, http: other });
  await expect(createUpnpClient(router.at).map(ASK, { signal: patience() })).rejects.toThrow(
    'no service that opens ports',
  );
});

it('is told of an address outside that is none', async () => {
  const odd: typeof http = (request, router) => {
    const { status, text } = http(request, router);
    return { status, text: text.replace('11.0.0.11', 'soon') };
  };
  await using router = await startFakeRouter({ search, http: odd });
  await expect(createUpnpClient(router.at).map(ASK, { signal: patience() })).rejects.toMatchObject({
    code: 'MALFORMED',
  });
});
