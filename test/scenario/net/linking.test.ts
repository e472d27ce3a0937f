/** Devices that find each other in a real DHT on the loopback, and hold links. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PathKind } from '../../../src/net/net.ts';
import type { Channel } from '../../../src/ports.ts';
import { testAccount } from '../../support/identity/accounts.ts';
import { createTestNets, type TestNets } from '../../support/net/nets.ts';

const { signal } = new AbortController();

async function readTexts(channel: Channel): Promise<string[]> {
  const texts: string[] = [];
  for await (const message of channel.messages({ signal })) texts.push(Buffer.from(message).toString());
  return texts;
}

let nets: TestNets;
beforeEach(async () => {
  nets = await createTestNets();
});
afterEach(async () => {
  await nets[Symbol.asyncDispose]();
});

describe.each<PathKind>(['tcp', 'ice-tcp', 'udp'])('over a %s path', (path) => {
  it('finds a device by its account, links it, and carries a channel both ways', async () => {
    const [alice, bob] = await Promise.all([testAccount('alice'), testAccount('bob')]);
    const a = await nets.add({ keys: alice, paths: [path] });
    const b = await nets.add({
      keys: bob,
      paths: [path],
      serveChannel: async (channel) => {
        const received = await readTexts(channel);
        await channel.send(Buffer.from(`you said ${received}`));
        await channel.end({ signal });
      },
    });
    expect(await a.net.findDevices(bob.account, { signal })).toEqual([bob.device]);
    const link = await a.net.link(bob.device, { signal });
    const address = expect.stringMatching(/^127\.0\.0\.1:\d+$/);
    expect(link).toMatchObject({
      peer: { device: bob.device, account: bob.account },
      isDialer: true,
      path: { kind: path, local: address, remote: address },
      kind: 'lan',
    });
    const channel = await a.net.openChannel(bob.device, 'msg:hello', { signal });
    await channel.send(Buffer.from('hello'));
    await channel.end({ signal });
    expect(await readTexts(channel)).toEqual(['you said hello']);
    expect(b.net.links()).toMatchObject([
      { isDialer: false, path: { kind: path, local: link.path.remote, remote: link.path.local } },
    ]);
  });

  it('settles on one link when both dial at the same moment', async () => {
    const [alice, bob] = await Promise.all([testAccount('alice'), testAccount('bob')]);
    const a = await nets.add({ keys: alice, paths: [path] });
    const b = await nets.add({ keys: bob, paths: [path] });
    for (let round = 0; round < 3; round += 1) {
      const [fromA, fromB] = await Promise.all([
        a.net.link(bob.device, { signal }),
        b.net.link(alice.device, { signal }),
      ]);
      expect(fromA.isDialer).toBe(!fromB.isDialer);
      const channel = await a.net.openChannel(bob.device, 'msg:once', { signal });
      expect([a.net.links(), b.net.links()]).toMatchObject([[{ peer: { device: bob.device } }], [{}]]);
      expect(linkUps(a.changes) - linkDowns(a.changes)).toBe(1);
      channel.close();
      a.refuse = 'a new round';
      a.net.recheck();
      await a.until(() => a.net.links().length === 0);
      await b.until(() => b.net.links().length === 0);
      a.refuse = undefined;
    }
  });

  it('closes every channel on both sides when the link is lost', async () => {
    const [alice, bob] = await Promise.all([testAccount('alice'), testAccount('bob')]);
    const a = await nets.add({ keys: alice, paths: [path] });
    const b = await nets.add({
      keys: bob,
      paths: [path],
      serveChannel: async (channel) => void (await readTexts(channel)),
    });
    const open = () => a.net.openChannel(bob.device, 'msg:some', { signal });
    const channels = await Promise.all([open(), open(), open()]);
    const readings = channels.map((channel) => readTexts(channel).catch((error: unknown) => error));
    await b.net.close();
    for (const reading of readings) expect(await reading).toMatchObject({ code: 'CHANNEL_CLOSED' });
    for (const channel of [...channels, ...b.served])
      await expect(channel.send(new Uint8Array(1))).rejects.toMatchObject({ code: 'CHANNEL_CLOSED' });
    await a.until(() => a.changes.some(({ kind }) => kind === 'link-down'));
    expect(a.net.links()).toEqual([]);
  });
});

function linkUps(changes: readonly { kind: string }[]): number {
  return changes.filter(({ kind }) => kind === 'link-up').length;
}

function linkDowns(changes: readonly { kind: string }[]): number {
  return changes.filter(({ kind }) => kind === 'link-down').length;
}

it('prefers TCP, and takes UDP when TCP does not get through', async () => {
  const [alice, bob] = await Promise.all([testAccount('alice'), testAccount('bob')]);
  const a = await nets.add({ keys: alice });
  await nets.add({ keys: bob });
  expect((await a.net.link(bob.device, { signal })).path.kind).toBe('tcp');
  const carol = await testAccount('carol');
  await nets.add({ keys: carol, paths: ['udp'] });
  expect((await a.net.link(carol.device, { signal })).path.kind).toBe('udp');
});

it('shares one dial among callers, and lets one of them give up alone', async () => {
  const [alice, bob] = await Promise.all([testAccount('alice'), testAccount('bob')]);
  const a = await nets.add({ keys: alice, paths: ['tcp'] });
  await nets.add({ keys: bob, paths: ['tcp'] });
  const impatient = new AbortController();
  const first = a.net.link(bob.device, { signal: impatient.signal });
  const second = a.net.link(bob.device, { signal });
  impatient.abort(new DOMException('changed my mind', 'AbortError'));
  await expect(first).rejects.toThrow('changed my mind');
  expect((await second).peer.device).toBe(bob.device);
  expect(linkUps(a.changes)).toBe(1);
});

it('says at once that a device is not there', async () => {
  const [alice, bob] = await Promise.all([testAccount('alice'), testAccount('bob')]);
  const a = await nets.add({ keys: alice });
  await expect(a.net.link(bob.device, { signal })).rejects.toMatchObject({ code: 'DEVICE_NOT_FOUND' });
  expect(await a.net.findDevices(bob.account, { signal })).toEqual([]);
});

it('says which paths were tried when none gets through', async () => {
  const [alice, bob] = await Promise.all([testAccount('alice'), testAccount('bob')]);
  const a = await nets.add({ keys: alice, paths: ['tcp'] });
  await nets.add({ keys: bob, paths: ['udp'] });
  await expect(a.net.link(bob.device, { signal })).rejects.toMatchObject({
    code: 'DEVICE_UNREACHABLE',
    data: { device: bob.device, tried: expect.stringContaining('tcp: this device does not use that kind of path') },
  });
});

it('dials a device again after it came back, and forgets the old link', async () => {
  const [alice, bob] = await Promise.all([testAccount('alice'), testAccount('bob')]);
  const dhtSeed = new Uint8Array(32).fill(7);
  const a = await nets.add({ keys: alice });
  const first = await nets.add({ keys: bob, dhtSeed });
  await a.net.link(bob.device, { signal });
  await first.net.close();
  await a.until(() => a.net.links().length === 0);
  await expect(a.net.link(bob.device, { signal })).rejects.toMatchObject({ code: 'DEVICE_NOT_FOUND' });
  await nets.add({ keys: bob, dhtSeed });
  expect((await a.net.link(bob.device, { signal })).peer.device).toBe(bob.device);
});

it('declines a channel with the reason, and keeps the link', async () => {
  const [alice, bob] = await Promise.all([testAccount('alice'), testAccount('bob')]);
  const a = await nets.add({ keys: alice });
  await nets.add({
    keys: bob,
    admitChannel: ({ name }) => (name === 'msg:yes' ? { accept: true } : { accept: false, reason: 'not this one' }),
  });
  await expect(a.net.openChannel(bob.device, 'msg:no', { signal })).rejects.toMatchObject({
    code: 'CHANNEL_DECLINED',
    data: { channel: 'msg:no', reason: 'not this one' },
  });
  (await a.net.openChannel(bob.device, 'msg:yes', { signal })).close();
  expect(linkUps(a.changes)).toBe(1);
});

it('loses the channel, not the link, when a handler throws', async () => {
  const [alice, bob] = await Promise.all([testAccount('alice'), testAccount('bob')]);
  const a = await nets.add({ keys: alice });
  await nets.add({
    keys: bob,
    serveChannel: async ({ name }) => {
      if (name === 'msg:bad') throw new TypeError('a defect');
    },
  });
  // Whether it is lost before or after it is open here is up to the network.
  const bad = a.net.openChannel(bob.device, 'msg:bad', { signal }).then(readTexts);
  await expect(bad).rejects.toMatchObject({ code: 'CHANNEL_CLOSED' });
  (await a.net.openChannel(bob.device, 'msg:good', { signal })).close();
  expect(linkUps(a.changes)).toBe(1);
});

it('cuts the links of those who are no longer admitted, with the reason on both sides', async () => {
  const [alice, bob] = await Promise.all([testAccount('alice'), testAccount('bob')]);
  const a = await nets.add({ keys: alice });
  const b = await nets.add({ keys: bob });
  await a.net.link(bob.device, { signal });
  await b.until(() => b.net.links().length === 1);
  b.refuse = 'banned';
  b.net.recheck();
  await a.until(() => a.net.links().length === 0);
  for (const { changes } of [a, b]) expect(changes.at(-1)).toMatchObject({ kind: 'link-down', reason: 'banned' });
  await expect(a.net.link(bob.device, { signal })).rejects.toMatchObject({
    code: 'PEER_REJECTED',
    data: { detail: expect.stringContaining('banned') },
  });
});

it('lets a neighbour through while a reader stands still', async () => {
  const [alice, bob] = await Promise.all([testAccount('alice'), testAccount('bob')]);
  const a = await nets.add({ keys: alice });
  await nets.add({
    keys: bob,
    serveChannel: async (channel) => {
      if (channel.name === 'msg:quick') await readTexts(channel);
    },
  });
  const slow = await a.net.openChannel(bob.device, 'msg:slow', { signal });
  const quick = await a.net.openChannel(bob.device, 'msg:quick', { signal });
  let sent = 0;
  const stuck = (async () => {
    for (;;) {
      await slow.send(new Uint8Array(256 * 1024));
      sent += 1;
    }
  })().catch((error: unknown) => error);
  for (let message = 0; message < 100; message += 1) await quick.send(new Uint8Array(256 * 1024));
  await quick.end({ signal });
  expect(sent).toBeLessThan(17);
  slow.close('enough');
  expect(await stuck).toMatchObject({ code: 'CHANNEL_CLOSED' });
});

it('says when no DHT node answers at the bootstrap address', async () => {
  const keys = await testAccount('alice');
  // Nobody listens on the discard port of the loopback.
  const nowhere = nets.add({ keys, bootstrap: [{ host: '127.0.0.1', port: 9 }] });
  await expect(nowhere).rejects.toMatchObject({ code: 'BOOTSTRAP_UNREACHABLE' });
});
