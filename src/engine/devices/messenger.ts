import { startDeadline } from '../../deadline.ts';
import { isSyncError, messageOf } from '../../errors.ts';
import type { DeviceId } from '../../ids.ts';
import { CHANNEL_OPEN_MS } from '../../limits.ts';
import type { Net } from '../../net/net.ts';
import type { Channel, Clock, Log, PeerIdentity } from '../../ports.ts';
import { decodePeerMessage, encodePeerMessage, messageChannelOf, type PeerMessage } from './peer-message.ts';

/** Sends small messages to linked devices, in order for each, and hands on those that arrive. */
export interface Messenger {
  /** Resolves when the message is on its way, false when the device cannot be told now: it hears the news when it links again. */
  send(device: DeviceId, message: PeerMessage): Promise<boolean>;
  /** Reads an accepted `msg:` channel to its end. A peer that sends nonsense loses the channel. */
  serve(channel: Channel): Promise<void>;
  /** Forgets the way to a device whose link is gone. */
  forget(device: DeviceId): void;
}

export interface MessengerOptions {
  readonly net: Pick<Net, 'openChannel'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  onMessage(peer: PeerIdentity, message: PeerMessage): void;
}

export function createMessenger({ net, clock, log, signal, onMessage }: MessengerOptions): Messenger {
  /** One channel per device, opened by its first message; the promise serialises the openings. */
  const channels = new Map<DeviceId, Promise<Channel>>();

  function channelTo(device: DeviceId): Promise<Channel> {
    const known = channels.get(device);
    if (known !== undefined) return known;
    const opening = open(device);
    channels.set(device, opening);
    return opening;
  }

  async function open(device: DeviceId): Promise<Channel> {
    using deadline = startDeadline({ what: 'Opening a channel of messages', ms: CHANNEL_OPEN_MS, clock, signal });
    return await net.openChannel(device, messageChannelOf(device), { signal: deadline.signal });
  }

  function drop(device: DeviceId, way: Promise<Channel> | undefined): void {
    if (channels.get(device) === way) channels.delete(device);
    way?.then(
      (channel) => channel.close('not used any more'),
      () => {},
    );
  }

  async function sendOnce(device: DeviceId, bytes: Uint8Array): Promise<void> {
    const way = channelTo(device);
    try {
      await (await way).send(bytes);
    } catch (error) {
      drop(device, way);
      throw error;
    }
  }

  return {
    async send(device, message) {
      const bytes = encodePeerMessage(message);
      const mayBeStale = channels.has(device);
      try {
        await sendOnce(device, bytes).catch((error: unknown) => {
          if (!mayBeStale || !isSyncError(error, 'CHANNEL_CLOSED')) throw error;
          // Another link has taken the place of the channel's: once more, on that one.
          return sendOnce(device, bytes);
        });
        return true;
      } catch (error) {
        log.debug('message not sent', { device, type: message.type, reason: messageOf(error) });
        return false;
      }
    },
    async serve(channel) {
      for await (const bytes of channel.messages({ signal })) onMessage(channel.peer, decodePeerMessage(bytes));
    },
    forget: (device) => drop(device, channels.get(device)),
  };
}
