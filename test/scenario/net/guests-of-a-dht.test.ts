import { randomBytes } from 'node:crypto';
import HyperDht from '@hyperswarm/dht';
import { expect, it } from 'vitest';
import { createDhtNode, type DhtNode } from '../../../src/net/dht/dht-node-adapter.ts';
import { createLocalDht, type LocalDht } from '../../../src/net/dht/local-dht-adapter.ts';
import { quietLog } from '../../support/quiet-log.ts';
import { realClock, realRandom } from '../../support/time/real-clock.ts';

const HOST = '127.0.0.1';
/** How hyperdht says that a node is reached by everybody. */
const OPEN = 1;
const { signal } = new AbortController();

function guestOf({ port }: LocalDht): Promise<DhtNode> {
  return createDhtNode({
    seed: randomBytes(32),
    bootstrap: [{ host: HOST, port }],
    host: HOST,
    clock: realClock,
    random: realRandom,
    log: quietLog,
    onStream() {},
    onFoundAgain() {},
  });
}

it('a device does not claim that everybody reaches it, where a node of the DHT would', async () => {
  await using first = await createLocalDht({ host: HOST, port: 0 });
  const bootstrap = [{ host: HOST, port: first.port }];
  // With as many nodes as that, one that asks whether it is reached has heard so before it has looked around.
  await using _ = await createLocalDht({ host: HOST, port: 0, bootstrap });
  await using __ = await createLocalDht({ host: HOST, port: 0, bootstrap });
  const asked = new HyperDht({ bootstrap, host: HOST, port: [0, 0] });
  const claims: number[] = [];
  const server = asked.createServer({
    shareLocalAddress: false,
    firewall(_key, { firewall }) {
      claims.push(firewall);
      return false;
    },
  });
  server.on('connection', (stream) => stream.on('error', () => {}));
  await server.listen();
  const device = await guestOf(first);
  const signals = await device.connect(asked.defaultKeyPair.publicKey, { signal });
  expect(signals).toBeDefined();
  await Promise.all([device.close(), asked.destroy({ force: true })]);
  expect(claims).not.toEqual([]);
  expect(claims).not.toContain(OPEN);
});

it('a device sees whether nodes know it under a topic', async () => {
  const topic = randomBytes(32);
  await using dht = await createLocalDht({ host: HOST, port: 0 });
  const [device, other] = await Promise.all([guestOf(dht), guestOf(dht)]);
  await other.announce(topic);
  expect(await device.isKnownUnder(topic, { signal })).toBe(false);
  await device.announce(topic);
  expect(await device.isKnownUnder(topic, { signal })).toBe(true);
  await device.unannounce(topic);
  expect(await device.isKnownUnder(topic, { signal })).toBe(false);
  await Promise.all([device.close(), other.close()]);
});
