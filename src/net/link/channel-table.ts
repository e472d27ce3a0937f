import { withDeadline } from '../../deadline.ts';
import { isSyncError, messageOf, SyncError } from '../../errors.ts';
import { CHANNEL_NAME_BYTES, CHANNEL_OPEN_MS, CHANNEL_WINDOW_BYTES, LINK_CHANNELS } from '../../limits.ts';
import type { Channel, Clock, Log, PeerIdentity } from '../../ports.ts';
import type { NetHandlers } from '../net.ts';
import { acceptedChannel, type ChannelState, openingChannel } from './channel-machine.ts';
import type { ChannelFrame } from './frame.ts';
import { MuxChannel } from './mux-channel.ts';
import type { Outbox } from './outbox.ts';

export interface ChannelTableOptions {
  readonly peer: PeerIdentity;
  readonly isDialer: boolean;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly log: Log;
  readonly handlers: Pick<NetHandlers, 'admitChannel' | 'keepsChannel' | 'serveChannel'>;
  onBroken(detail: string): void;
}

/**
 * The channels of one link.
 *
 * The dialer's channels have odd numbers, the answerer's even ones, each counting up. So the two never meet, and a
 * number that was used before belongs to a channel that is closed: its late frames are ignored. A number that was never
 * given out breaks the protocol.
 */
export class ChannelTable {
  readonly #options: ChannelTableOptions;
  readonly #channels = new Map<number, MuxChannel>();
  #nextId: number;
  #nextPeerId: number;

  constructor(options: ChannelTableOptions) {
    this.#options = options;
    this.#nextId = options.isDialer ? 1 : 2;
    this.#nextPeerId = options.isDialer ? 2 : 1;
  }

  /** Throws CHANNEL_DECLINED, CHANNEL_CLOSED, LIMIT_EXCEEDED, TIMED_OUT, the signal's reason. */
  async open(name: string, { signal }: { signal: AbortSignal }): Promise<Channel> {
    signal.throwIfAborted();
    checkLimit('The length of a channel name', CHANNEL_NAME_BYTES, Buffer.byteLength(name));
    checkLimit('The number of channels on a link', LINK_CHANNELS, this.#channels.size + 1);
    if (!this.#options.handlers.keepsChannel({ name, peer: this.#options.peer }))
      throw new SyncError('CHANNEL_DECLINED', { channel: name, reason: 'it is not allowed' });
    const id = this.#nextId;
    this.#nextId += 2;
    const channel = this.#add(name, openingChannel(id));
    this.#options.outbox.post({ kind: 'open', channel: id, window: CHANNEL_WINDOW_BYTES, name });
    const deadline = { what: `Opening ${name}`, ms: CHANNEL_OPEN_MS, clock: this.#options.clock, signal };
    try {
      await withDeadline(deadline, (inner) => channel.opened(inner));
      return channel;
    } catch (error) {
      channel.close('no longer wanted');
      throw error;
    }
  }

  receive(frame: ChannelFrame): void {
    const known = this.#channels.get(frame.channel);
    if (frame.kind === 'open') this.#onOpen(frame);
    else if (known) known.receive(frame);
    else if (!this.#wasGivenOut(frame.channel)) this.#options.onBroken(`channel ${frame.channel} was never opened`);
  }

  recheck(): void {
    const { handlers, peer } = this.#options;
    for (const channel of [...this.#channels.values()]) {
      if (!handlers.keepsChannel({ name: channel.name, peer })) channel.close('it is no longer allowed');
    }
  }

  closeAll(reason: string): void {
    for (const channel of [...this.#channels.values()]) channel.linkLost(reason);
  }

  #onOpen({ channel: id, name, window }: Extract<ChannelFrame, { kind: 'open' }>): void {
    const { handlers, outbox, peer, onBroken } = this.#options;
    if (id < this.#nextPeerId || id % 2 !== this.#nextPeerId % 2) {
      onBroken(`channel number ${id} is not free`);
      return;
    }
    this.#nextPeerId = id + 2;
    const answer = this.#channels.size >= LINK_CHANNELS ? TOO_MANY : handlers.admitChannel({ name, peer });
    if (!answer.accept) {
      outbox.post({ kind: 'decline', channel: id, reason: answer.reason });
      return;
    }
    const channel = this.#add(name, acceptedChannel(id, window));
    outbox.post({ kind: 'accept', channel: id, window: CHANNEL_WINDOW_BYTES });
    void this.#serve(channel);
  }

  async #serve(channel: Channel): Promise<void> {
    const { handlers, log, peer } = this.#options;
    try {
      await handlers.serveChannel(channel);
    } catch (error) {
      // A channel that was closed on us, or by our own end, is the ordinary way for one to go.
      const isOrdinary = isSyncError(error, 'CHANNEL_CLOSED') || isSyncError(error, 'CANCELLED');
      log[isOrdinary ? 'debug' : 'warn']('channel failed', {
        channel: channel.name,
        device: peer.device,
        reason: messageOf(error),
      });
      channel.close('the other side failed to serve it');
    }
  }

  #add(name: string, state: ChannelState): MuxChannel {
    const { peer, clock, outbox, onBroken } = this.#options;
    const onGone = () => this.#channels.delete(state.id);
    const channel = new MuxChannel({ name, peer, clock, outbox, state, onBroken, onGone });
    this.#channels.set(state.id, channel);
    return channel;
  }

  #wasGivenOut(id: number): boolean {
    return id < (id % 2 === this.#nextId % 2 ? this.#nextId : this.#nextPeerId);
  }
}

const TOO_MANY = { accept: false, reason: 'too many channels are open' } as const;

function checkLimit(what: string, limit: number, actual: number): void {
  if (actual > limit) throw new SyncError('LIMIT_EXCEEDED', { what, limit, actual });
}
