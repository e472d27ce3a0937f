/** Two ends of a channel in memory, with the same rules as the channels of a link. */
import { type Bell, createBell } from '../../../src/bell.ts';
import { SyncError } from '../../../src/errors.ts';
import { AccountUri, DeviceId } from '../../../src/ids.ts';
import { CHANNEL_MESSAGE_BYTES, CHANNEL_WINDOW_BYTES } from '../../../src/limits.ts';
import type { Channel, PeerIdentity } from '../../../src/ports.ts';

export interface ChannelPair extends AsyncDisposable {
  readonly left: Channel;
  readonly right: Channel;
}

export interface ChannelPairOptions {
  /** Whom the right end sees as its peer. */
  readonly leftPeer?: PeerIdentity;
  /** Whom the left end sees as its peer. */
  readonly rightPeer?: PeerIdentity;
  /** Unread bytes that may be under way in one direction. */
  readonly windowBytes?: number;
}

export function channelPair(name: string, options: ChannelPairOptions = {}): ChannelPair {
  const shared: Shared = {
    name,
    windowBytes: options.windowBytes ?? CHANNEL_WINDOW_BYTES,
    closedBecause: undefined,
    changed: createBell(),
    closing: new AbortController(),
  };
  const toRight: Lane = { queue: [], unreadBytes: 0, ended: false, readToEnd: false };
  const toLeft: Lane = { queue: [], unreadBytes: 0, ended: false, readToEnd: false };
  const left = createEnd(shared, { out: toRight, in: toLeft, peer: options.rightPeer ?? somePeer('b') });
  const right = createEnd(shared, { out: toLeft, in: toRight, peer: options.leftPeer ?? somePeer('a') });
  return {
    left,
    right,
    async [Symbol.asyncDispose]() {
      left.close('test is over');
    },
  };
}

/** A peer whose ids consist of one repeated hex digit. */
export function somePeer(digit: string): PeerIdentity {
  return { device: DeviceId.parse(digit.repeat(64)), account: AccountUri.parse(digit.repeat(40)) };
}

/** One direction: what was sent and not read yet. */
interface Lane {
  readonly queue: Uint8Array[];
  unreadBytes: number;
  ended: boolean;
  readToEnd: boolean;
}

interface Shared {
  readonly name: string;
  readonly windowBytes: number;
  readonly changed: Bell;
  readonly closing: AbortController;
  closedBecause: string | undefined;
}

interface End {
  readonly out: Lane;
  readonly in: Lane;
  readonly peer: PeerIdentity;
}

function createEnd(shared: Shared, { out, in: incoming, peer }: End): Channel {
  const closed = () =>
    new SyncError('CHANNEL_CLOSED', {
      channel: shared.name,
      reason: shared.closedBecause ?? 'the end marker was sent',
    });

  async function send(bytes: Uint8Array): Promise<void> {
    if (bytes.byteLength > CHANNEL_MESSAGE_BYTES) {
      const data = { what: 'Channel message', limit: CHANNEL_MESSAGE_BYTES, actual: bytes.byteLength };
      throw new SyncError('LIMIT_EXCEEDED', data);
    }
    // A Buffer's `slice` would be a view of the same bytes.
    const copy = new Uint8Array(bytes);
    const turnedAway = () => shared.closedBecause !== undefined || out.ended;
    // The first message always fits, so that a window smaller than a message cannot block for ever.
    const fits = () => out.queue.length === 0 || out.unreadBytes + copy.byteLength <= shared.windowBytes;
    await shared.changed.until(() => turnedAway() || fits());
    if (turnedAway()) throw closed();
    out.queue.push(copy);
    out.unreadBytes += copy.byteLength;
    shared.changed.ring();
  }

  async function* messages({ signal }: { signal: AbortSignal }): AsyncGenerator<Uint8Array> {
    while (true) {
      await shared.changed.until(
        () => incoming.queue.length > 0 || incoming.ended || shared.closedBecause !== undefined,
        signal,
      );
      const message = incoming.queue.shift();
      if (message) {
        incoming.unreadBytes -= message.byteLength;
        shared.changed.ring();
        yield message;
      } else if (incoming.ended) {
        incoming.readToEnd = true;
        shared.changed.ring();
        return;
      } else {
        throw closed();
      }
    }
  }

  async function end({ signal }: { signal: AbortSignal }): Promise<void> {
    if (shared.closedBecause !== undefined && !out.readToEnd) throw closed();
    out.ended = true;
    shared.changed.ring();
    await shared.changed.until(() => out.readToEnd || shared.closedBecause !== undefined, signal);
    if (!out.readToEnd) throw closed();
  }

  function close(reason = 'closed'): void {
    if (shared.closedBecause !== undefined) return;
    shared.closedBecause = reason;
    for (const lane of [out, incoming]) if (!lane.ended) lane.queue.length = 0;
    shared.changed.ring();
    shared.closing.abort(closed());
  }

  return {
    name: shared.name,
    peer,
    closed: shared.closing.signal,
    send,
    messages,
    end,
    close,
    [Symbol.asyncDispose]: async () => close(),
  };
}
