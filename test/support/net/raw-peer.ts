/** A device that speaks the wire by hand: it has real keys and a real link, and no manners. */
import { randomBytes } from 'node:crypto';
import { messageChannelOf } from '../../../src/engine/devices/peer-message.ts';
import { isSyncError } from '../../../src/errors.ts';
import { loadDeviceKeys } from '../../../src/identity/account-store-adapter.ts';
import type { DeviceId } from '../../../src/ids.ts';
import { parseAddress } from '../../../src/net/address.ts';
import { createNet } from '../../../src/net/create-net.ts';
import type { Channel } from '../../../src/ports.ts';
import { quietLog } from '../quiet-log.ts';
import { patience } from '../time/patience.ts';
import { realClock, realRandom } from '../time/real-clock.ts';
import { until } from '../time/until.ts';

export interface PeerMessageSeen {
  readonly type: string;
  readonly content: Readonly<Record<string, unknown>>;
}

export interface RawPeer extends AsyncDisposable {
  /** Sends messages as fast as the channel takes them. */
  send(type: string, contents: Iterable<object>): Promise<void>;
  /** What the other device said, in order. */
  readonly heard: readonly PeerMessageSeen[];
  open(name: string): Promise<Channel>;
}

export interface RawPeerOptions {
  /** Whose keys it has; no engine may run on it. */
  readonly home: string;
  readonly bootstrap: string;
  /** The device it talks to. */
  readonly target: DeviceId;
  /** What it does with a channel that is opened to it; reads messages without it. */
  serve?(channel: Channel): Promise<void>;
}

/** Links to the target. */
export async function startRawPeer({ home, bootstrap, target, serve }: RawPeerOptions): Promise<RawPeer> {
  const { signal } = new AbortController();
  const heard: PeerMessageSeen[] = [];
  const keys = await loadDeviceKeys(home, { now: realClock.now() });
  const net = await createNet({
    ...{ keys, dhtSeed: randomBytes(32), bootstrap: [parseAddress(bootstrap)], log: quietLog, signal },
    ...{ clock: realClock, random: realRandom },
    handlers: {
      admitPeer: () => ({ accept: true }),
      admitChannel: () => ({ accept: true }),
      keepsChannel: () => true,
      onTurnedAway() {},
      async serveChannel(channel) {
        if (serve && !channel.name.startsWith('msg:')) return await serve(channel);
        for await (const bytes of channel.messages({ signal })) heard.push(JSON.parse(Buffer.from(bytes).toString()));
      },
      onAddressesChanged() {},
      onChange() {},
    },
  });
  const openMessages = () => net.openChannel(target, messageChannelOf(target), { signal: patience() });
  // As an engine does: a device that is busy is dialled again.
  await until(() => net.link(target, { signal: patience() }).then(() => true, isToBeDialledAgain));
  let channel = await openMessages();

  /** The target may dial at the same moment; then one of two links stays, and takes the place of the other. */
  async function sendOne(bytes: Uint8Array): Promise<void> {
    try {
      await channel.send(bytes);
    } catch (error) {
      if (!isSyncError(error, 'CHANNEL_CLOSED')) throw error;
      channel = await openMessages();
      await channel.send(bytes);
    }
  }

  return {
    heard,
    open: (name) => net.openChannel(target, name, { signal: patience() }),
    async send(type, contents) {
      for (const content of contents) await sendOne(Buffer.from(JSON.stringify({ type, content })));
    },
    [Symbol.asyncDispose]: () => net.close(),
  };
}

function isToBeDialledAgain(error: unknown): boolean {
  if (isSyncError(error, 'DEVICE_UNREACHABLE') || isSyncError(error, 'DEVICE_NOT_FOUND')) return false;
  throw error;
}
