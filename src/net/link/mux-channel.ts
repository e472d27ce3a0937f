import { createBell } from '../../bell.ts';
import { withDeadline } from '../../deadline.ts';
import { SyncError } from '../../errors.ts';
import { CHANNEL_END_MS, CHANNEL_MESSAGE_BYTES } from '../../limits.ts';
import { never } from '../../never.ts';
import type { Channel, Clock, PeerIdentity } from '../../ports.ts';
import {
  type ChannelEffect,
  type ChannelInput,
  type ChannelState,
  costOf,
  isSpent,
  maySend,
  step,
} from './channel-machine.ts';
import type { ChannelFrame } from './frame.ts';
import type { Outbox } from './outbox.ts';

export interface MuxChannelOptions {
  readonly name: string;
  readonly peer: PeerIdentity;
  readonly clock: Clock;
  readonly outbox: Outbox;
  readonly state: ChannelState;
  /** The channel needs no place on the link any more. May be called twice. */
  onGone(): void;
  onBroken(detail: string): void;
}

/** What waits for credit: messages, and behind them the end marker. */
type Pending = PendingMessage | { readonly kind: 'end' };

interface PendingMessage {
  readonly kind: 'message';
  readonly bytes: Uint8Array;
  readonly resolve: () => void;
  readonly reject: (error: SyncError) => void;
}

/** A channel of a link: drives the channel machine, performs its effects, and lets callers wait for them. */
export class MuxChannel implements Channel {
  readonly name: string;
  readonly peer: PeerIdentity;
  readonly #options: MuxChannelOptions;
  readonly #changed = createBell();
  readonly #closing = new AbortController();
  readonly #pending: Pending[] = [];
  /** Messages in the outbox: their senders must hear of a close as well. */
  readonly #leaving = new Set<PendingMessage>();
  readonly #unread: Uint8Array[] = [];
  #state: ChannelState;
  #failure: SyncError | undefined;

  constructor(options: MuxChannelOptions) {
    this.name = options.name;
    this.peer = options.peer;
    this.#options = options;
    this.#state = options.state;
  }

  get closed(): AbortSignal {
    return this.#closing.signal;
  }

  /** Resolves when the peer accepted. Throws CHANNEL_DECLINED, CHANNEL_CLOSED, the signal's reason. */
  async opened(signal: AbortSignal): Promise<void> {
    await this.#changed.until(() => this.#state.phase !== 'opening', signal);
    if (this.#failure) throw this.#failure;
  }

  receive(frame: Exclude<ChannelFrame, { kind: 'open' }>): void {
    if (frame.kind === 'reset') this.#options.outbox.drop(frame.channel);
    this.#run({ kind: 'received', frame });
  }

  /** The link is gone: nothing can be sent or told any more. */
  linkLost(reason: string): void {
    this.#run({ kind: 'link-lost', reason });
  }

  send(bytes: Uint8Array): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      this.#requireSendable(bytes);
      this.#pending.push({ kind: 'message', bytes, resolve, reject });
      this.#pump();
    });
  }

  /** Not a generator, which would wait for two more promises with each message. */
  messages({ signal }: { signal: AbortSignal }): AsyncIterable<Uint8Array> {
    const isReady = () => {
      signal.throwIfAborted();
      return this.#unread.length > 0 || this.#state.receiving !== 'open' || this.#failure !== undefined;
    };
    const next = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
      try {
        if (!isReady()) await this.#changed.until(isReady);
        const value = this.#take();
        if (value !== undefined) return { done: false, value };
      } catch (error) {
        leave();
        throw error;
      }
      return leave();
    };
    const leave = (): IteratorReturnResult<undefined> => {
      signal.removeEventListener('abort', this.#changed.ring);
      return { done: true, value: undefined };
    };
    return {
      [Symbol.asyncIterator]: () => {
        // One listener for all messages: nearly each of them is waited for.
        signal.addEventListener('abort', this.#changed.ring);
        return { next, return: async () => leave() };
      },
    };
  }

  async end({ signal }: { signal: AbortSignal }): Promise<void> {
    const isAcknowledged = () => this.#state.sending === 'acknowledged';
    if (!isAcknowledged() && !this.#failure) {
      if (!this.#hasEnded()) this.#pending.push({ kind: 'end' });
      this.#pump();
      await this.#untilInTime(() => isAcknowledged() || this.#failure !== undefined, signal);
    }
    if (!isAcknowledged() && this.#failure) throw this.#failure;
  }

  close(reason = 'closed'): void {
    this.#run({ kind: 'close', reason });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  #requireSendable({ byteLength: actual }: Uint8Array): void {
    if (actual > CHANNEL_MESSAGE_BYTES)
      throw new SyncError('LIMIT_EXCEEDED', { what: 'Channel message', limit: CHANNEL_MESSAGE_BYTES, actual });
    if (this.#failure) throw this.#failure;
    if (this.#hasEnded()) throw this.#closed('the end marker was sent');
  }

  /** The next message, or undefined at the end marker. */
  #take(): Uint8Array | undefined {
    const message = this.#unread.shift();
    if (message !== undefined) {
      this.#run({ kind: 'read', cost: costOf(message) });
      return message;
    }
    if (this.#state.receiving === 'open') throw this.#failure ?? this.#closed('closed');
    if (this.#state.receiving === 'ended') this.#run({ kind: 'read-to-end' });
    return undefined;
  }

  /** Waits for the acknowledgement of the end. A peer that never reads it loses the channel. */
  async #untilInTime(condition: () => boolean, signal: AbortSignal): Promise<void> {
    const deadline = { what: `The end of ${this.name}`, ms: CHANNEL_END_MS, clock: this.#options.clock, signal };
    try {
      await withDeadline(deadline, (inner) => this.#changed.until(condition, inner));
    } catch {
      signal.throwIfAborted();
      this.close('the end marker was not acknowledged in time');
    }
  }

  #run(input: ChannelInput, message?: PendingMessage): void {
    const before = this.#state;
    const { state, effects } = step(before, input);
    this.#state = state;
    for (const effect of effects) this.#perform(effect, before, message);
    if (!isSpent(before) && isSpent(state)) this.#options.onGone();
    this.#changed.ring();
  }

  #perform(effect: ChannelEffect, before: ChannelState, message: PendingMessage | undefined): void {
    switch (effect.kind) {
      case 'send':
        this.#dispatch(effect.frame, before, message);
        break;
      case 'opened':
      case 'credit-grew':
        this.#pump();
        break;
      case 'deliver':
        this.#unread.push(effect.bytes);
        break;
      case 'declined':
        this.#fail(new SyncError('CHANNEL_DECLINED', { channel: this.name, reason: effect.reason }));
        break;
      case 'closed':
        this.#fail(this.#closed(effect.reason));
        break;
      case 'broken':
        this.#fail(this.#closed(effect.detail));
        this.#options.onBroken(effect.detail);
        break;
      case 'deliver-end':
      case 'end-acknowledged':
        break;
      default:
        never(effect);
    }
  }

  #dispatch(frame: ChannelFrame, before: ChannelState, message: PendingMessage | undefined): void {
    const { outbox } = this.#options;
    // A reset after the end marker waits its turn, so that the peer still gets everything up to the marker.
    const isLastInLine = frame.kind === 'reset' && before.sending === 'ended';
    if (frame.kind === 'data' || frame.kind === 'end' || isLastInLine) {
      outbox.postInTurn(frame, message && (() => this.#left(message)));
      return;
    }
    if (frame.kind === 'reset') outbox.drop(frame.channel);
    outbox.post(frame);
  }

  #pump(): void {
    for (let next = this.#pending[0]; next !== undefined; next = this.#pending[0]) {
      if (next.kind === 'message' && !maySend(this.#state, next.bytes)) return;
      this.#pending.shift();
      if (next.kind === 'end') {
        this.#run({ kind: 'end' });
      } else {
        this.#leaving.add(next);
        this.#run({ kind: 'send', bytes: next.bytes }, next);
      }
    }
  }

  #left(message: PendingMessage): void {
    this.#leaving.delete(message);
    message.resolve();
  }

  #fail(failure: SyncError): void {
    this.#failure = failure;
    // What lies before an end marker that has arrived can still be read.
    if (this.#state.receiving === 'open') this.#unread.length = 0;
    for (const waiting of [...this.#pending, ...this.#leaving]) if (waiting.kind === 'message') waiting.reject(failure);
    this.#pending.length = 0;
    this.#leaving.clear();
    this.#closing.abort(failure);
    this.#options.onGone();
  }

  #hasEnded(): boolean {
    return this.#state.sending !== 'open' || this.#pending.at(-1)?.kind === 'end';
  }

  #closed(reason: string): SyncError {
    return new SyncError('CHANNEL_CLOSED', { channel: this.name, reason });
  }
}
