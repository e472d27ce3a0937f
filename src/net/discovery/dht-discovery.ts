import type { DhtNode } from '../dht/dht-node-adapter.ts';
import type { Discovery } from './discovery.ts';

/** Devices that announced their key in the DHT, where anybody may announce anything. */
export function createDhtDiscovery(dht: Pick<DhtNode, 'publicKey' | 'lookUp' | 'connect'>): Discovery {
  return {
    place: 'DHT',
    async lookUp(topic, { signal }) {
      const keys = await dht.lookUp(topic, { signal });
      return keys
        .filter((key) => Buffer.compare(key, dht.publicKey) !== 0)
        .map((key) => ({
          key: `dht ${Buffer.from(key).toString('hex')}`,
          connect: (options) => dht.connect(key, options),
        }));
    },
  };
}
