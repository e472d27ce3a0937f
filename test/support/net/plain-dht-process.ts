/**
 * Nodes of HyperDHT as anybody may run them: they keep announcements and records, and forward nothing. Arguments: host, port
 * of the first node. Prints `host:port` of it once they are up, and runs until it is killed.
 */
import HyperDht from '@hyperswarm/dht';

const [host = '127.0.0.1', port = '0'] = process.argv.slice(2);
const FIXED = { ephemeral: false, firewalled: false };

async function add(bootstrap: readonly { host: string; port: number }[], wanted: number | readonly [number, number]) {
  const node = new HyperDht({ bootstrap, host, port: wanted, anyPort: false, ...FIXED });
  await node.fullyBootstrapped();
  return node;
}

const entrance = await add([], Number(port));
const first = { host, port: entrance.address().port };
for (let count = 1; count < 4; count += 1) await add([first], [0, 0]);
process.stdout.write(`${first.host}:${first.port}\n`);
