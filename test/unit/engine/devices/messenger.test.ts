import { describe, expect, it } from 'vitest';
import { createMessenger, type Messenger } from '../../../../src/engine/devices/messenger.ts';
import {
  decodePeerMessage,
  encodePeerMessage,
  messageChannelOf,
  type PeerMessage,
} from '../../../../src/engine/devices/peer-message.ts';
import { SyncError } from '../../../../src/errors.ts';
import { CHANNEL_OPEN_MS } from '../../../../src/limits.ts';
import type { Channel, PeerIdentity } from '../../../../src/ports.ts';
import { createFakeNet, type FakeNet, person, settled } from '../../../support/engine/live-conversations.ts';
import { channelPair } from '../../../support/net/channel-pair.ts';
import { only } from '../../../support/only.ts';
import { quietLog } from '../../../support/quiet-log.ts';
import { thrownBy } from '../../../support/thrown.ts';
import { createVirtualClock, type VirtualClock } from '../../../support/time/virtual-clock.ts';

const bob = person(2);
const { signal } = new AbortController();
const message = (n: number): PeerMessage => ({ type: 'test', content: { n } });

interface Setting {
  readonly net: FakeNet;
  readonly clock: VirtualClock;
  readonly messenger: Messenger;
  readonly received: { peer: PeerIdentity; message: PeerMessage }[];
}

function setUp(): Setting {
  const [net, clock] = [createFakeNet(), createVirtualClock()];
  net.up(bob);
  const received: Setting['received'] = [];
  const onMessage = (peer: PeerIdentity, told: PeerMessage) => void received.push({ peer, message: told });
  return { net, clock, received, messenger: createMessenger({ net, clock, log: quietLog, signal, onMessage }) };
}

/** What arrived at the other end so far. */
async function arrived(channel: Channel, count: number): Promise<unknown[]> {
  const contents: unknown[] = [];
  for await (const bytes of channel.messages({ signal })) {
    contents.push(decodePeerMessage(bytes).content);
    if (contents.length === count) break;
  }
  return contents;
}

describe('the messenger', () => {
  it('sends everything for a device over one channel, in order', async () => {
    const { net, messenger } = setUp();
    const sent = await Promise.all([1, 2, 3].map((n) => messenger.send(bob.device, message(n))));
    expect(sent).toEqual([true, true, true]);
    const channel = only(net.opened);
    expect(channel.name).toBe(messageChannelOf(bob.device));
    expect(await arrived(channel, 3)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  });

  it('says when a device cannot be told, and tries anew with the next message', async () => {
    const { net, messenger } = setUp();
    net.failure = new SyncError('CHANNEL_DECLINED', { channel: 'msg', reason: 'no' });
    expect(await Promise.all([messenger.send(bob.device, message(1)), messenger.send(bob.device, message(2))])).toEqual(
      [false, false],
    );
    net.failure = undefined;
    expect(await messenger.send(bob.device, message(3))).toBe(true);
    expect(await arrived(only(net.opened), 1)).toEqual([{ n: 3 }]);
  });

  it('waits no longer for a channel that does not open than one may take', async () => {
    const { net, clock, messenger } = setUp();
    net.openChannel = (_device, _name, { signal: given }) =>
      new Promise((_resolve, reject) => given.addEventListener('abort', () => reject(given.reason)));
    const sent = messenger.send(bob.device, message(1));
    await clock.advance(CHANNEL_OPEN_MS);
    expect(await sent).toBe(false);
  });

  it('uses a new channel when the link has been replaced under the old one', async () => {
    const { net, messenger } = setUp();
    await messenger.send(bob.device, message(1));
    only(net.opened).close('the device opened a new link');
    expect(await Promise.all([messenger.send(bob.device, message(2)), messenger.send(bob.device, message(3))])).toEqual(
      [true, true],
    );
    expect(net.opened).toHaveLength(2);
    expect(await arrived(net.opened[1] ?? expect.fail('a second channel'), 2)).toEqual([{ n: 2 }, { n: 3 }]);
  });

  it('leaves no channel open to a device that it forgets', async () => {
    const { net, messenger } = setUp();
    await messenger.send(bob.device, message(1));
    messenger.forget(bob.device);
    await settled();
    await thrownBy('CHANNEL_CLOSED', () => only(net.opened).send(Buffer.from('still there?')));
    await messenger.send(bob.device, message(2));
    expect(net.opened).toHaveLength(2);
  });

  it('hands on what arrives, with who said it', async () => {
    const { messenger, received } = setUp();
    const { left, right } = channelPair('msg', { leftPeer: bob });
    await left.send(encodePeerMessage(message(1)));
    await left.send(encodePeerMessage({ type: 'of tomorrow', content: [] }));
    const over = left.end({ signal });
    await messenger.serve(right);
    await over;
    expect(received).toEqual([
      { peer: bob, message: message(1) },
      { peer: bob, message: { type: 'of tomorrow', content: [] } },
    ]);
  });

  it('takes a channel of nonsense for broken, after what made sense', async () => {
    const { messenger, received } = setUp();
    const { left, right } = channelPair('msg', { leftPeer: bob });
    await left.send(encodePeerMessage(message(1)));
    await left.send(Buffer.from('nonsense'));
    await thrownBy('PROTOCOL_BROKEN', () => messenger.serve(right));
    expect(received).toHaveLength(1);
  });
});
