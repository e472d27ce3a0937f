/** Devices that meet at a gate by TCP, without the DHT: none of them has UDP, or IPv4. */
import { expect, it } from 'vitest';
import { createLocalDht } from '../../../src/net/dht/local-dht-adapter.ts';
import { openGate } from '../../../src/net/gate/gate-adapter.ts';
import { testAccount } from '../../support/identity/accounts.ts';
import { createTestNets } from '../../support/net/nets.ts';
import { describeNeeding, ipv6 } from '../../support/runner/needs.ts';
import { patience } from '../../support/time/patience.ts';
import { patientClock } from '../../support/time/patient-clock.ts';

const IPV4 = '127.0.0.1';

it('links two devices of which neither gets a word to the DHT', async () => {
  // No node of a DHT listens at its port: what is sent there by UDP is lost.
  const gate = await openGate({ hosts: [IPV4], port: 0, clock: patientClock });
  await using nets = await createTestNets();
  const [alice, bob] = await Promise.all([testAccount('alice'), testAccount('bob')]);
  const onlyGate = { bootstrap: [{ host: IPV4, port: gate.port }], clock: patientClock };
  const [a] = await Promise.all([nets.add({ keys: alice, ...onlyGate }), nets.add({ keys: bob, ...onlyGate })]);
  expect(a.net.dht()).toEqual({ kind: 'gate', address: `${IPV4}:${gate.port}` });
  const signal = patience();
  expect(await a.net.findDevices(bob.account, { signal })).toEqual([bob.device]);
  expect(await a.net.link(bob.device, { signal })).toMatchObject({ path: { kind: 'tcp' } });
  await gate.close();
});

describeNeeding(ipv6, 'where there is IPv6', () => {
  it('links two devices that have IPv6 alone, by the address of a DHT that one with IPv4 uses as well', async () => {
    await using dht = await createLocalDht({ host: IPV4, port: 0, gateHosts: ['::1'] });
    await using nets = await createTestNets();
    const [alice, bob] = await Promise.all([testAccount('alice'), testAccount('bob')]);
    const only6 = { host: '::1', lan: false, bootstrap: [{ host: '::1', port: dht.port }], clock: patientClock };
    const [a] = await Promise.all([nets.add({ keys: alice, ...only6 }), nets.add({ keys: bob, ...only6 })]);
    const signal = patience();
    expect(await a.net.findDevices(bob.account, { signal })).toEqual([bob.device]);
    const link = await a.net.link(bob.device, { signal });
    expect(link.path).toMatchObject({ kind: 'tcp', remote: expect.stringContaining('[::1]') });
  });

  it('links them with a device that is in the DHT, whichever of them dials', async () => {
    await using dht = await createLocalDht({ host: IPV4, port: 0, gateHosts: ['::1'] });
    await using nets = await createTestNets();
    const [alice, bob, carol] = await Promise.all([testAccount('alice'), testAccount('bob'), testAccount('carol')]);
    const only6 = { host: '::1', lan: false, bootstrap: [{ host: '::1', port: dht.port }], clock: patientClock };
    const both = {
      ...{ host: [IPV4, '::1'], lan: false, clock: patientClock },
      bootstrap: [{ host: IPV4, port: dht.port }],
    };
    const a = await nets.add({ keys: alice, ...only6 });
    const b = await nets.add({ keys: bob, ...both });
    const c = await nets.add({ keys: carol, ...only6 });
    expect([b.net.dht().kind, c.net.dht().kind]).toEqual(['joined', 'gate']);
    const signal = patience();
    expect(await b.net.link(alice.device, { signal })).toMatchObject({ path: { kind: 'tcp' } });
    expect(await c.net.link(bob.device, { signal })).toMatchObject({ path: { kind: 'tcp' } });
    await a.until(() => a.net.links().length > 0);
  });
});
