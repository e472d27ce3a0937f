import { describe, expect, it } from 'vitest';
import { SyncError } from '../../../../src/errors.ts';
import { MAPPING_LIFETIME_MS, MAPPING_RETRY_FIRST_MS } from '../../../../src/limits.ts';
import type { OwnAddress } from '../../../../src/net/addresses/own-address.ts';
import type { DefaultRoute } from '../../../../src/net/mapping/default-gateway.ts';
import { KeptPort } from '../../../../src/net/mapping/port-mapping.ts';
import type { MappingProtocol, RouterClient } from '../../../../src/net/mapping/router-client.ts';
import { quietLog } from '../../../support/quiet-log.ts';
import { patience } from '../../../support/time/patience.ts';
import { realRandom } from '../../../support/time/real-clock.ts';
import { until } from '../../../support/time/until.ts';
import { createVirtualClock } from '../../../support/time/virtual-clock.ts';

const HOME: OwnAddress = { on: 'eth0', zone: 'eth0', host: '192.168.1.2' };
const AWAY: OwnAddress = { on: 'wlan0', zone: 'wlan0', host: '192.168.7.9' };
const HOME_ROUTE: DefaultRoute = { gateway: '192.168.1.1', by: 'eth0' };
const AWAY_ROUTE: DefaultRoute = { gateway: '192.168.7.1', by: 'wlan0' };

/** A machine with a router that speaks some protocols, and what the router was asked. */
function kept(spoken: readonly MappingProtocol[], { addresses = [HOME], routes = [HOME_ROUTE] } = {}) {
  const clock = createVirtualClock();
  const world = { addresses, routes, spoken, asked: [] as string[] };
  const clientOf = (router: string, protocol: MappingProtocol): RouterClient => ({
    protocol,
    async map({ internal, externalPort, lifetimeMs }) {
      world.asked.push(`${protocol} ${router} open ${internal.host}:${internal.port}`);
      if (!world.spoken.includes(protocol)) throw new SyncError('ROUTER_REFUSED', { protocol, detail: 'not here' });
      return { external: { host: '11.0.0.11', port: externalPort }, lifetimeMs };
    },
    async unmap({ externalPort }) {
      world.asked.push(`${protocol} ${router} close ${externalPort}`);
    },
  });
  const port = new KeptPort({
    own: { list: () => world.addresses },
    portAt: () => 4001,
    readRoutes: async () => world.routes,
    makeClients: ({ router }) => (['pcp', 'nat-pmp', 'upnp'] as const).map((protocol) => clientOf(router, protocol)),
    ...{ clock, random: realRandom, log: quietLog },
  });
  const opened: string[] = [];
  port.watch(() => opened.push(port.external()?.host ?? ''));
  return { port, clock, world, opened };
}

const settled = ({ port }: ReturnType<typeof kept>) => until(async () => port.state().kind !== 'asking');

describe('a port on the router', () => {
  it('is opened by the first protocol that the router speaks, and who watches hears of it', async () => {
    const test = kept(['nat-pmp', 'upnp']);
    expect(test.port.state()).toEqual({ kind: 'asking' });
    await settled(test);
    expect(test.port.state()).toMatchObject({
      ...{ kind: 'open', protocol: 'nat-pmp', router: '192.168.1.1' },
      ...{ internal: '192.168.1.2:4001', external: '11.0.0.11:4001' },
    });
    expect(test.port.external()).toEqual({ host: '11.0.0.11', port: 4001 });
    expect(test.world.asked).toEqual([
      'pcp 192.168.1.1 open 192.168.1.2:4001',
      'nat-pmp 192.168.1.1 open 192.168.1.2:4001',
    ]);
    expect(test.opened).toEqual(['11.0.0.11']);
  });

  it('is renewed by that protocol alone, which nobody needs to hear of', async () => {
    const test = kept(['upnp']);
    await settled(test);
    test.world.asked.length = 0;
    await test.clock.advance(MAPPING_LIFETIME_MS / 2);
    await until(async () => test.world.asked.length > 0);
    expect(test.world.asked).toEqual(['upnp 192.168.1.1 open 192.168.1.2:4001']);
    expect(test.opened).toHaveLength(1);
  });

  it('is tried again where the router opens none, and all of what it said can be seen', async () => {
    const test = kept([]);
    await settled(test);
    expect(test.port.state()).toMatchObject({ kind: 'closed', tries: 1 });
    expect(test.port.state()).toMatchObject({ reason: expect.stringMatching(/pcp.*nat-pmp.*upnp/) });
    test.world.spoken = ['pcp'];
    await test.clock.advance(MAPPING_RETRY_FIRST_MS);
    await until(async () => test.port.state().kind === 'open');
  });

  it('is asked of the router of the network that this machine is on now', async () => {
    const test = kept(['pcp'], { addresses: [HOME, AWAY], routes: [HOME_ROUTE, AWAY_ROUTE] });
    await settled(test);
    expect(test.port.state()).toMatchObject({ router: '192.168.1.1' });
    test.world.addresses = [AWAY];
    test.port.refresh();
    expect(test.port.external()).toBeUndefined();
    await settled(test);
    expect(test.port.state()).toMatchObject({ router: '192.168.7.1', internal: '192.168.7.9:4001' });
  });

  it('is asked of no router that this device does not listen to', async () => {
    const test = kept(['pcp'], { addresses: [AWAY] });
    await settled(test);
    expect(test.port.state()).toMatchObject({ reason: expect.stringContaining('--host') });
    const alone = kept(['pcp'], { routes: [] });
    await settled(alone);
    expect(alone.port.state()).toMatchObject({ reason: expect.stringContaining('no router') });
    expect([...test.world.asked, ...alone.world.asked]).toEqual([]);
  });

  it('is given back at the end', async () => {
    const test = kept(['pcp']);
    await settled(test);
    await test.port.close({ signal: patience() });
    expect(test.world.asked.at(-1)).toBe('pcp 192.168.1.1 close 4001');
    expect(test.port.external()).toBeUndefined();
    const count = test.world.asked.length;
    await test.clock.advance(MAPPING_LIFETIME_MS);
    expect(test.world.asked).toHaveLength(count);
  });
});
