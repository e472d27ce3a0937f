/** Devices without any DHT: multicast DNS and Noise over TCP, on the loopback only. */
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { dhtKeyOf } from '../../../src/net/dht/hyperdht-adapter.ts';
import { listenForLanSignals } from '../../../src/net/discovery/lan-signals-adapter.ts';
import type { SignalStream } from '../../../src/net/signalling/signal-stream.ts';
import { testAccount } from '../../support/identity/accounts.ts';
import { createTestNets } from '../../support/net/nets.ts';
import { addressOf, portOf } from '../../support/net/own-addresses.ts';
import { describeNeeding, ipv6 } from '../../support/runner/needs.ts';
import { patience } from '../../support/time/patience.ts';

it('links two devices that know no other machine', async () => {
  await using nets = await createTestNets();
  const [alice, bob] = await Promise.all([testAccount('alice'), testAccount('bob')]);
  const a = await nets.add({ keys: alice, bootstrap: [], lan: true });
  await nets.add({ keys: bob, bootstrap: [], lan: true });
  const signal = patience();
  expect(await a.net.findDevices(bob.account, { signal })).toEqual([bob.device]);
  expect(await a.net.link(bob.device, { signal })).toMatchObject({ path: { kind: 'tcp' }, kind: 'lan' });
});

describeNeeding(ipv6, 'where there is IPv6', () => {
  it('links two devices that have addresses of both families over IPv6', async () => {
    await using nets = await createTestNets();
    const [alice, bob] = await Promise.all([testAccount('alice'), testAccount('bob')]);
    const options = { bootstrap: [], host: ['127.0.0.1', '::1'], lan: true };
    const a = await nets.add({ keys: alice, ...options });
    await nets.add({ keys: bob, ...options });
    const signal = patience();
    expect(a.net.addresses).toEqual([expect.stringMatching(/^\[::1\]:\d+$/), expect.stringMatching(/^127/)]);
    expect(await a.net.link(bob.device, { signal })).toMatchObject({
      path: { kind: 'tcp', remote: expect.stringMatching(/^\[::1\]:\d+$/) },
      kind: 'lan',
    });
  });
});

it('does not link them when one is not to be found there', async () => {
  await using nets = await createTestNets();
  const [alice, carol] = await Promise.all([testAccount('alice'), testAccount('carol')]);
  const a = await nets.add({ keys: alice, bootstrap: [], lan: true });
  await nets.add({ keys: carol, bootstrap: [], lan: false });
  const signal = patience();
  expect(await a.net.findDevices(carol.account, { signal })).toEqual([]);
  await expect(a.net.link(carol.device, { signal })).rejects.toMatchObject({ code: 'DEVICE_NOT_FOUND' });
});

it('signals under the key that the device has in the DHT, and outlives strangers', async () => {
  const [host, signal] = ['127.0.0.1', patience()];
  const hosts = [host];
  const incoming: SignalStream[] = [];
  const seed = new Uint8Array(32).fill(3);
  const b = await listenForLanSignals({ seed, hosts, onStream: (stream) => void incoming.push(stream) });
  const stranger = connect(portOf(b), host).on('error', () => {});
  stranger.write('GET / HTTP/1.1\r\n\r\n');
  const a = await listenForLanSignals({ seed: new Uint8Array(32).fill(4), hosts, onStream: () => {} });
  const stream = await a.connect(addressOf(b), { signal });
  expect(Buffer.from(stream?.remotePublicKey ?? [])).toEqual(Buffer.from(dhtKeyOf(seed)));
  stream?.send({ hello: 'there' });
  await expect.poll(() => incoming.length).toBe(2);
  const heard = await Promise.race(
    incoming.map(async (one) => (await one.receive({ signal })) ?? new Promise(() => {})),
  );
  expect(heard).toEqual({ message: { hello: 'there' } });
  expect(await a.connect({ host, port: 9 }, { signal })).toBeUndefined();
  stranger.destroy();
  await Promise.all([a.close(), b.close()]);
});
