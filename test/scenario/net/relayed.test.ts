/** Two nets with nothing but a relay between them. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CHANNEL_MESSAGE_BYTES } from '../../../src/limits.ts';
import type { Channel } from '../../../src/ports.ts';
import { testAccount } from '../../support/identity/accounts.ts';
import { createTestNets, type TestNet, type TestNetOptions, type TestNets } from '../../support/net/nets.ts';
import { type RunningTurnServer, startTurnServer } from '../../support/net/turn-server.ts';
import { coturn, describeNeeding } from '../../support/runner/needs.ts';
import { until } from '../../support/time/until.ts';

const signal = AbortSignal.timeout(300_000);

describeNeeding(coturn, 'a relayed TCP path', () => {
  let nets: TestNets;
  let turn: RunningTurnServer;
  beforeEach(async () => {
    nets = await createTestNets();
    turn = await startTurnServer();
  });
  afterEach(async () => {
    await nets[Symbol.asyncDispose]();
    await turn.stop();
  });

  const relays = () => [turn.server('tcp')];
  async function add(name: 'alice' | 'bob', options: Partial<TestNetOptions>): Promise<TestNet> {
    const serveChannel: NonNullable<TestNetOptions['serveChannel']> = async (channel) => {
      let bytes = 0;
      for await (const message of channel.messages({ signal })) bytes += message.length;
      await channel.send(Buffer.from(String(bytes)));
      await channel.end({ signal });
    };
    return nets.add({ keys: await testAccount(name), paths: ['tcp-relay'], serveChannel, ...options });
  }

  async function expectBytesToPass(from: TestNet, to: 'alice' | 'bob'): Promise<void> {
    const { device } = await testAccount(to);
    const link = await from.net.link(device, { signal });
    expect(link).toMatchObject({ path: { kind: 'tcp-relay' }, kind: 'relay' });
    const channel = await from.net.openChannel(device, 'msg:bytes', { signal });
    for (let sent = 0; sent < 16; sent += 1) await channel.send(new Uint8Array(64 * 1024));
    await channel.end({ signal });
    for await (const answer of channel.messages({ signal })) expect(Buffer.from(answer).toString()).toBe('1048576');
  }

  it.each([
    ['both have', true, true],
    ['only the dialer has', true, false],
    ['only the answerer has', false, true],
  ])('comes up over the relay that %s', async (_, dialerHas, answererHas) => {
    const a = await add('alice', dialerHas ? { relays: relays() } : {});
    await add('bob', answererHas ? { relays: relays() } : {});
    await expectBytesToPass(a, 'bob');
  });

  it('comes up over the second relay when the first is gone', async () => {
    const gone = await startTurnServer();
    await gone.stop();
    const a = await add('alice', { relays: [gone.server('tcp'), turn.server('tcp')] });
    await add('bob', {});
    await expectBytesToPass(a, 'bob');
  });

  it('carries what both send at the same time, as fast as they can', async () => {
    const [messages, message] = [96, new Uint8Array(CHANNEL_MESSAGE_BYTES)];
    async function exchange(channel: Channel): Promise<number> {
      const send = async () => {
        for (let sent = 0; sent < messages; sent += 1) await channel.send(message);
        await channel.end({ signal });
      };
      const sending = send();
      let bytes = 0;
      for await (const { length } of channel.messages({ signal })) bytes += length;
      await sending;
      return bytes;
    }
    const came: number[] = [];
    const a = await add('alice', { relays: relays() });
    const b = await add('bob', { serveChannel: async (channel) => void came.push(await exchange(channel)) });
    const { device } = await testAccount('bob');
    await a.net.link(device, { signal });
    const channel = await a.net.openChannel(device, 'msg:bytes', { signal });
    came.push(await exchange(channel));
    await until(() => came.length === 2);
    expect(came).toEqual([messages * message.length, messages * message.length]);
    for (const { changes } of [a, b]) expect(changes.map(({ kind }) => kind)).toEqual(['link-up']);
  });

  it('goes down with the relay, and comes up again when the relay is back', async () => {
    const a = await add('alice', { relays: relays() });
    const b = await add('bob', {});
    await expectBytesToPass(a, 'bob');
    const { port } = turn;
    await turn.stop();
    await Promise.all([a, b].map((end) => end.until(() => end.net.links().length === 0)));
    turn = await startTurnServer({ port });
    await expectBytesToPass(a, 'bob');
  });

  it('says that there is none when neither device has a relay', async () => {
    const a = await add('alice', {});
    await add('bob', {});
    const { device } = await testAccount('bob');
    await expect(a.net.link(device, { signal })).rejects.toMatchObject({
      code: 'DEVICE_UNREACHABLE',
      data: { tried: expect.stringContaining('neither device has a place on a relay') },
    });
  });
});
