import { expect, it } from 'vitest';
import { createLocalDht } from '../../../src/net/dht/local-dht-adapter.ts';
import { testAccount } from '../../support/identity/accounts.ts';
import { createTestNets } from '../../support/net/nets.ts';

const { signal } = new AbortController();

it('devices find each other that ask nodes on different machines, of which one has joined the other', async () => {
  await using nets = await createTestNets();
  const bootstrap = [{ host: nets.dht.host, port: nets.dht.port }];
  await using second = await createLocalDht({ host: '127.0.0.1', port: 0, bootstrap });
  const [alice, bob] = await Promise.all([testAccount('alice'), testAccount('bob')]);
  const a = await nets.add({ keys: alice });
  await nets.add({ keys: bob, bootstrap: [{ host: second.host, port: second.port }] });
  expect(await a.net.findDevices(bob.account, { signal })).toEqual([bob.device]);
  expect(second.kept().nodes.length).toBeGreaterThan(0);
});
