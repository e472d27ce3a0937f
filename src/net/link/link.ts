import type { Duplex } from 'node:stream';
import { createBell } from '../../bell.ts';
import { messageOf, SyncError } from '../../errors.ts';
import { LINK_ANSWERS_WAITING, LINK_BYE_MS, LINK_NOMINATION_MS } from '../../limits.ts';
import type { Channel, Clock, LinkKind, Log, PeerIdentity } from '../../ports.ts';
import { withDeadline } from '../deadline.ts';
import type { Admission, LinkView, NetHandlers } from '../net.ts';
import { ChannelTable } from './channel-table.ts';
import type { Frame } from './frame.ts';
import { createFrameReader } from './frame-reader.ts';
import { type Heartbeat, type HeartbeatInput, isNews, startHeartbeat, step, TICK_MS } from './heartbeat.ts';
import { createOutbox } from './outbox.ts';

/** Of what is said on a link. A peer of another version is turned away. */
const LINK_VERSION = 1;

export interface LinkOptions {
  /** Encrypted and authenticated; the link owns it. */
  readonly stream: Duplex;
  /** Bytes that the stream emitted are not read any more. */
  release(bytes: Uint8Array): void;
  readonly peer: PeerIdentity;
  readonly path: LinkView['path'];
  readonly kind: LinkKind;
  readonly isDialer: boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly handlers: Pick<NetHandlers, 'admitChannel' | 'keepsChannel' | 'serveChannel'>;
  /** Answerer: decides on the dialer's nomination. */
  onNominated(link: Link): Admission;
  /** The link carries channels from now on. Called before the peer's first channel is looked at. */
  onUp(link: Link): void;
  /** Called once, whether the link was up or not. */
  onDown(link: Link, reason: string): void;
}

export type Nomination =
  | { readonly outcome: 'up' }
  | { readonly outcome: 'turned-away'; readonly reason: string }
  | { readonly outcome: 'lost'; readonly reason: string };

/**
 * An open connection to a proved peer. Several may come up for one dial; the dialer nominates one, the answerer agrees
 * or says goodbye, and from then on it carries channels.
 */
export class Link {
  readonly peer: PeerIdentity;
  readonly isDialer: boolean;
  readonly #options: LinkOptions;
  readonly #outbox;
  readonly #channels: ChannelTable;
  readonly #reader = createFrameReader();
  readonly #changed = createBell();
  readonly #gone = new AbortController();
  readonly #since: number;
  #phase: 'chosen-from' | 'up' | 'down' = 'chosen-from';
  #downReason = '';
  #hasNominated = false;
  /** Sockets say so by an event first, and by their `closed` property a little later. */
  #isStreamGone = false;
  #peerSaidGoodbye = false;
  #heartbeat: Heartbeat;

  constructor(options: LinkOptions) {
    const { stream, peer, isDialer, clock } = options;
    this.peer = peer;
    this.isDialer = isDialer;
    this.#options = options;
    this.#outbox = createOutbox(stream);
    this.#channels = new ChannelTable({
      ...options,
      outbox: this.#outbox,
      onBroken: (detail) => this.#breakOff(detail),
    });
    this.#since = clock.now();
    this.#heartbeat = startHeartbeat(this.#since);
    this.#listen();
  }

  /** Dialer: asks for this stream to be the link. Throws TIMED_OUT, the signal's reason. */
  async nominate({ signal }: { signal: AbortSignal }): Promise<Nomination> {
    this.#hasNominated = true;
    this.#outbox.post({ kind: 'nominate', version: LINK_VERSION });
    const deadline = { what: 'Agreeing on a link', ms: LINK_NOMINATION_MS, clock: this.#options.clock, signal };
    await withDeadline(deadline, (inner) => this.#changed.until(() => this.#phase !== 'chosen-from', inner));
    if (this.#phase === 'up') return { outcome: 'up' };
    return { outcome: this.#peerSaidGoodbye ? 'turned-away' : 'lost', reason: this.#downReason };
  }

  get isUp(): boolean {
    return this.#phase === 'up';
  }

  /** We asked for it to be the link, and wait for the answer. */
  get isNominated(): boolean {
    return this.#hasNominated && this.#phase === 'chosen-from';
  }

  /** Throws CHANNEL_DECLINED, CHANNEL_CLOSED, LIMIT_EXCEEDED, TIMED_OUT, the signal's reason. */
  async openChannel(name: string, { signal }: { signal: AbortSignal }): Promise<Channel> {
    if (this.#phase === 'up') return this.#channels.open(name, { signal });
    throw new SyncError('CHANNEL_CLOSED', { channel: name, reason: this.#downReason || 'the link is not up' });
  }

  /** Resets the channels that the peer may no longer have. */
  recheckChannels(): void {
    this.#channels.recheck();
  }

  view(): LinkView {
    const { peer, path, kind, isDialer } = this.#options;
    return {
      peer,
      path,
      kind,
      isDialer,
      since: this.#since,
      roundTripMs: this.#heartbeat.roundTripMs,
    };
  }

  /** Tells the peer why, closes all channels at once, and resolves when the stream is gone. */
  async close(reason: string): Promise<void> {
    const { stream, clock } = this.#options;
    if (!this.#isDown()) {
      this.#outbox.post({ kind: 'bye', reason });
      this.#goDown(reason);
      this.#hangUp();
    }
    const deadline = { what: 'Closing a link', ms: LINK_BYE_MS, clock, signal: new AbortController().signal };
    await withDeadline(deadline, (inner) => this.#changed.until(() => this.#isStreamGone, inner)).catch(() => {});
    stream.destroy();
  }

  #listen(): void {
    const { stream, release } = this.#options;
    stream.on('data', (chunk: Uint8Array) => {
      this.#onChunk(chunk);
      release(chunk);
    });
    stream.on('error', (error: Error) => this.#goDown(`the connection broke (${error.message})`));
    stream.once('end', () => {
      this.#goDown('the other device hung up');
      this.#hangUp();
    });
    stream.once('close', () => {
      this.#isStreamGone = true;
      this.#goDown('the connection broke');
      this.#changed.ring();
    });
  }

  #onChunk(chunk: Uint8Array): void {
    if (this.#isDown()) return;
    const now = this.#options.clock.now();
    if (isNews(this.#heartbeat, now)) this.#beat({ kind: 'heard', now });
    try {
      for (const frame of this.#reader.push(chunk)) {
        this.#onFrame(frame);
        if (this.#isDown()) return;
      }
    } catch (error) {
      this.#breakOff(messageOf(error));
    }
    if (this.#outbox.answersWaiting > LINK_ANSWERS_WAITING) this.#breakOff('it asks without reading the answers');
  }

  #onFrame(frame: Frame): void {
    switch (frame.kind) {
      case 'nominate':
        this.#onNominate(frame.version);
        break;
      case 'welcome':
        if (this.isDialer && this.#phase === 'chosen-from') this.#goUp();
        else this.#breakOff('an unexpected welcome');
        break;
      case 'ping':
        this.#outbox.post({ kind: 'pong', nonce: frame.nonce });
        break;
      case 'pong':
        this.#beat({ kind: 'pong', nonce: frame.nonce, now: this.#options.clock.now() });
        break;
      case 'bye':
        this.#peerSaidGoodbye = true;
        this.#goDown(frame.reason);
        this.#hangUp();
        break;
      default:
        if (this.#phase === 'up') this.#channels.receive(frame);
        else this.#breakOff('a channel before the link was agreed on');
    }
  }

  #onNominate(version: number): void {
    if (this.isDialer || this.#phase !== 'chosen-from') {
      this.#breakOff('an unexpected nomination');
      return;
    }
    const answer = version === LINK_VERSION ? this.#options.onNominated(this) : otherVersion(version);
    if (!answer.accept) {
      void this.close(answer.reason);
      return;
    }
    this.#outbox.post({ kind: 'welcome' });
    this.#goUp();
  }

  #goUp(): void {
    this.#phase = 'up';
    this.#heartbeat = startHeartbeat(this.#options.clock.now());
    void this.#keepBeating();
    this.#options.onUp(this);
    this.#changed.ring();
  }

  #goDown(reason: string): void {
    if (this.#isDown()) return;
    this.#phase = 'down';
    this.#downReason = reason;
    this.#channels.closeAll(reason);
    this.#gone.abort(new SyncError('CHANNEL_CLOSED', { channel: `The link to ${this.peer.device}`, reason }));
    this.#changed.ring();
    this.#options.onDown(this, reason);
  }

  /** A peer that breaks a rule costs its own link. */
  #breakOff(detail: string): void {
    if (this.#isDown()) return;
    this.#options.log.warn('peer broke the link protocol', { device: this.peer.device, detail });
    void this.close(new SyncError('PROTOCOL_BROKEN', { protocol: 'link', detail }).message);
  }

  /** No more is written; what was written still leaves. */
  #hangUp(): void {
    this.#outbox.stop();
    this.#options.stream.end();
  }

  async #keepBeating(): Promise<void> {
    const { clock } = this.#options;
    while (this.#phase === 'up') {
      await clock.wait(TICK_MS, this.#gone.signal).catch(() => {});
      if (this.#phase === 'up') this.#beat({ kind: 'tick', now: clock.now() });
    }
  }

  #beat(input: HeartbeatInput): void {
    const { state, verdict } = step(this.#heartbeat, input);
    this.#heartbeat = state;
    if (verdict.kind === 'probe') this.#outbox.post({ kind: 'ping', nonce: verdict.nonce });
    if (verdict.kind !== 'cut') return;
    this.#goDown('the other device does not answer');
    this.#options.stream.destroy();
  }

  #isDown(): boolean {
    return this.#phase === 'down';
  }
}

function otherVersion(version: number): Admission {
  return { accept: false, reason: `it speaks version ${version} of the link protocol, this device ${LINK_VERSION}` };
}
