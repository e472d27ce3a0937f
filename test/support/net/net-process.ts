/**
 * A net in a process of its own. Arguments: bootstrap port, seed (hex), path kind, bits of its keys if not 2048.
 * Prints its device as one line of JSON; counts the bytes of each channel and says the sum at its end.
 * It closes the net when its standard input ends, and must then end by itself.
 */
import { DeviceId } from '../../../src/ids.ts';
import { giveBackMessageMemory } from '../../../src/message-memory.ts';
import { createNet } from '../../../src/net/create-net.ts';
import type { PathKind } from '../../../src/net/net.ts';
import { testAccount } from '../identity/accounts.ts';
import { realClock, realRandom } from '../time/real-clock.ts';

const [port = '', seed = '', path = '', bits] = process.argv.slice(2);
const keys = await testAccount('in a process of its own', { bits: bits === '4096' ? 4096 : 2048 });
const { signal } = new AbortController();
const quiet = () => {};
const net = await createNet({
  keys,
  dhtSeed: Buffer.from(seed, 'hex'),
  bootstrap: [{ host: '127.0.0.1', port: Number(port) }],
  paths: [path as PathKind],
  clock: realClock,
  random: realRandom,
  log: { debug: quiet, info: quiet, warn: quiet },
  signal,
  handlers: {
    admitPeer: () => ({ accept: true }),
    admitChannel: () => ({ accept: true }),
    keepsChannel: () => true,
    onTurnedAway: quiet,
    onAddressesChanged() {},
    onChange: quiet,
    async serveChannel(channel) {
      let sum = 0;
      for await (const message of channel.messages({ signal })) {
        sum += message.byteLength;
        giveBackMessageMemory(message);
      }
      await channel.send(Buffer.from(String(sum)));
      await channel.end({ signal });
    },
  },
});
process.stdout.write(`${JSON.stringify({ device: DeviceId.parse(keys.device) })}\n`);
process.stdin.on('end', () => void net.close()).resume();
