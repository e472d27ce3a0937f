/** Devices that find each other in a real DHT on the loopback, and hold links. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PathKind } from '../../../src/net/net.ts';
import type { Channel } from '../../../src/ports.ts';
import { testAccount } from '../../support/accounts.ts';
import { createTestNets } from '../../support/nets.ts';

const signal = AbortSignal.timeout(120_000);

async function text(channel: Channel): Promise<string[]> {
  const all: string[] = [];
  for await (const message of channel.messages({ signal })) all.push(Buffer.from(message).toString());
  return all;
}

describe.each<PathKind>(['tcp', 'udp'])('over a %s path', (path) => {
  let nets: Awaited<ReturnType<typeof createTestNets>>;
  beforeEach(async () => {
    nets = await createTestNets();
  });
  afterEach(async () => {
    await nets[Symbol.asyncDispose]();
  });

  it('links two devices and carries a channel both ways', async () => {
    const [alice, bob] = await Promise.all([testAccount('alice'), testAccount('bob')]);
    const a = await nets.add({ keys: alice, paths: [path] });
    const b = await nets.add({
      keys: bob,
      paths: [path],
      serveChannel: async (channel) => {
        const received = await text(channel);
        await channel.send(Buffer.from(`you said ${received}`));
        await channel.end({ signal });
      },
    });
    const t = performance.now();
    expect(await a.net.findDevices(bob.account, { signal })).toEqual([bob.device]);
    console.log(path, 'find', performance.now() - t);
    const link = await a.net.link(bob.device, { signal });
    console.log(path, 'link', performance.now() - t);
    expect(link).toMatchObject({
      peer: { device: bob.device, account: bob.account },
      isDialer: true,
      path: { kind: path },
    });
    const channel = await a.net.openChannel(bob.device, 'msg:hello', { signal });
    await channel.send(Buffer.from('hello'));
    await channel.end({ signal });
    expect(await text(channel)).toEqual(['you said hello']);
    expect(b.net.links()).toHaveLength(1);
    console.log(link.path, b.net.links()[0]?.path);
  });
});
