/** Bytes through a channel of a link, both ends in this process, against bare TLS over TCP, likewise. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type TLSSocket } from 'node:tls';
import type { DeviceKeys } from '../src/identity/identity.ts';
import { TRANSFER_MESSAGE_BYTES } from '../src/limits.ts';
import type { Channel } from '../src/ports.ts';
import { secondTestDevice, testAccount } from '../test/support/identity/accounts.ts';
import { createTestNets } from '../test/support/net/nets.ts';
import type { Benchmark } from './figure.ts';
import { compare, rateOf } from './rounds.ts';

const MiB = 1024 * 1024;

export const benchLink: Benchmark = async ({ quick, signal }) => {
  const messages = quick ? 8 : 1024;
  const size = (messages * TRANSFER_MESSAGE_BYTES) / MiB;
  const [keys, others] = await Promise.all([testAccount('bench'), secondTestDevice('bench')]);
  await using nets = await createTestNets();
  const left = await nets.add({ keys, paths: ['tcp'] });
  const right = await nets.add({ keys: others, paths: ['tcp'] });

  async function ours(): Promise<number> {
    const before = right.served.length;
    await using channel = await left.net.openChannel(others.device, 'bench', { signal });
    await right.until(() => right.served.length > before);
    const served = right.served[before];
    if (!served) throw new Error('the channel did not arrive');
    const run = () => Promise.all([sendAll(channel, messages, signal), readAll(served, signal)]);
    return await rateOf(size, run);
  }

  const baseline = { what: 'bare TLS 1.3', run: () => bareTls(keys, messages) };
  const measured = await compare({ rounds: quick ? 1 : 5, ours, baseline });
  return [{ name: 'link', unit: 'MiB/s', ...measured, facts: { messages, messageBytes: TRANSFER_MESSAGE_BYTES } }];
};

async function sendAll(channel: Channel, messages: number, signal: AbortSignal): Promise<void> {
  const message = new Uint8Array(TRANSFER_MESSAGE_BYTES);
  for (let sent = 0; sent < messages; sent++) await channel.send(message);
  await channel.end({ signal });
}

async function readAll(channel: Channel, signal: AbortSignal): Promise<number> {
  let bytes = 0;
  for await (const message of channel.messages({ signal })) bytes += message.byteLength;
  return bytes;
}

async function bareTls({ chainPem: cert, privateKeyPem: key }: DeviceKeys, messages: number): Promise<number> {
  const server = createServer({ cert, key, minVersion: 'TLSv1.3' });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'secureConnection');
  const { port } = server.address() as AddressInfo;
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  const [peer] = (await accepted) as [TLSSocket];
  const message = Buffer.alloc(TRANSFER_MESSAGE_BYTES);
  try {
    return await rateOf((messages * TRANSFER_MESSAGE_BYTES) / MiB, async () => {
      const ended = once(peer.resume(), 'end');
      for (let sent = 0; sent < messages; sent++) if (!socket.write(message)) await once(socket, 'drain');
      socket.end();
      await ended;
    });
  } finally {
    peer.destroy();
    socket.destroy();
    server.close();
  }
}
