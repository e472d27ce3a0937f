import { createBell } from '../../bell.ts';
import { withDeadline } from '../../deadline.ts';
import { SyncError } from '../../errors.ts';
import { LINK_ANSWERS_WAITING, LINK_NOMINATION_MS } from '../../limits.ts';
import type { Channel, PeerIdentity } from '../../ports.ts';
import type { Admission, LinkView } from '../net.ts';
import { Carrier, type CarrierListener } from './carrier.ts';
import { Carriers } from './carriers.ts';
import { ChannelTable } from './channel-table.ts';
import type { Frame } from './frame.ts';
import type { LinkOptions, Nomination } from './link-options.ts';
import { createOutbox } from './outbox.ts';
import { createPulse, type Pulse } from './pulse.ts';
import { createTrafficMeter, type TrafficMeter } from './traffic.ts';

/** Of what is said on a link. A peer of another version is turned away. */
const LINK_VERSION = 1;

/**
 * An open connection to a proved peer. Several may come up for one dial; the dialer nominates one, the answerer agrees
 * or says goodbye, and from then on it carries channels.
 *
 * A link that is up can move to a better stream: each side says `moved` as its last word on the old one and goes on
 * writing on the new one, which the other side reads from then on. Channels do not notice.
 */
export class Link {
  readonly peer: PeerIdentity;
  readonly isDialer: boolean;
  readonly #options: LinkOptions;
  readonly #outbox;
  readonly #channels: ChannelTable;
  readonly #traffic: TrafficMeter;
  readonly #pulse: Pulse;
  readonly #carriers: Carriers;
  readonly #changed = createBell();
  readonly #gone = new AbortController();
  readonly #since: number;
  #phase: 'chosen-from' | 'up' | 'handed-over' | 'down' = 'chosen-from';
  #downReason = '';
  #hasNominated = false;
  #peerSaidGoodbye = false;

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
    this.#pulse = createPulse({
      clock,
      probe: (nonce) => this.#outbox.post({ kind: 'ping', nonce }),
      cut: () => this.cut('the other device does not answer'),
    });
    this.#traffic = createTrafficMeter({ clock, sent: () => this.#outbox.bytesSent });
    this.#carriers = new Carriers(new Carrier(options, this.#ear()));
  }

  /** Dialer: asks for this stream to be the link, or to carry it. Throws TIMED_OUT, the signal's reason. */
  async nominate({ signal }: { signal: AbortSignal }): Promise<Nomination> {
    const { takesOver = false } = this.#options;
    this.#hasNominated = true;
    this.#outbox.post({ kind: takesOver ? 'take-over' : 'nominate', version: LINK_VERSION });
    const deadline = { what: 'Agreeing on a link', ms: LINK_NOMINATION_MS, clock: this.#options.clock, signal };
    await withDeadline(deadline, (inner) => this.#changed.until(() => this.#phase !== 'chosen-from', inner));
    if (this.#phase === 'up' || this.#phase === 'handed-over') return { outcome: 'up' };
    return { outcome: this.#peerSaidGoodbye ? 'turned-away' : 'lost', reason: this.#downReason };
  }

  get isUp(): boolean {
    return this.#phase === 'up';
  }

  /** We asked for it to be the link, and wait for the answer. */
  get isNominated(): boolean {
    return this.#hasNominated && this.#phase === 'chosen-from' && !this.#options.takesOver;
  }

  get isMoving(): boolean {
    return this.#carriers.isMoving;
  }

  /** Goes on on another stream, as both sides agreed. Nothing that is under way is lost. */
  moveTo(next: Carrier): void {
    this.#carriers.moveTo(next);
    next.listen(this.#ear());
    this.#outbox.moveTo(next.stream, { kind: 'moved' });
    this.#readOnNext();
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
    const { peer, isDialer } = this.#options;
    const { path, kind } = this.#carriers.current;
    const { roundTripMs } = this.#pulse;
    return { peer, path, kind, isDialer, since: this.#since, roundTripMs, traffic: this.#traffic.measure() };
  }

  /** Tells the peer why, closes all channels at once, and resolves when the stream is gone. */
  async close(reason: string): Promise<void> {
    if (this.#phase === 'handed-over') return;
    if (!this.#isOver()) {
      this.#outbox.post({ kind: 'bye', reason });
      this.#goDown(reason);
      this.#hangUp();
    }
    const { clock } = this.#options;
    await Promise.all(this.#carriers.all().map((carrier) => carrier.close(clock)));
  }

  /** Ends it without a word: nobody would hear it. */
  cut(reason: string): void {
    this.#goDown(reason);
    for (const { stream } of this.#carriers.all()) stream.destroy();
  }

  /** Hears a stream for as long as the link travels on it. */
  #ear(): CarrierListener {
    const isOwn = (on: Carrier) => !this.#isOver() && this.#carriers.has(on);
    return {
      onHeard: (_, bytes) => {
        this.#traffic.heard(bytes);
      },
      onPart: (on) => {
        if (isOwn(on)) this.#pulse.heard();
      },
      onFrame: (on, frame) => {
        if (!isOwn(on)) return;
        if (frame.kind !== 'ping') this.#pulse.heard();
        this.#onFrame(frame);
        if (this.#outbox.answersWaiting > LINK_ANSWERS_WAITING) this.#breakOff('it asks without reading the answers');
      },
      onBroken: (on, detail) => {
        if (isOwn(on)) this.#breakOff(detail);
      },
      onGone: (on, reason) => {
        if (!isOwn(on)) return;
        this.#goDown(reason);
        this.#hangUp();
      },
    };
  }

  #onFrame(frame: Frame): void {
    switch (frame.kind) {
      case 'nominate':
      case 'take-over':
        this.#onNominate(frame);
        break;
      case 'welcome':
        if (this.isDialer && this.#phase === 'chosen-from') this.#agree(this.#options.takesOver ?? false);
        else this.#breakOff('an unexpected welcome');
        break;
      case 'moved':
        this.#onMoved();
        break;
      case 'ping':
        this.#outbox.post({ kind: 'pong', nonce: frame.nonce });
        break;
      case 'pong':
        this.#pulse.answered(frame.nonce);
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

  #onNominate({ kind, version }: Extract<Frame, { version: number }>): void {
    if (this.isDialer || this.#phase !== 'chosen-from') {
      this.#breakOff('an unexpected nomination');
      return;
    }
    const { onNominated, onTakeOver } = this.#options;
    const decide = kind === 'nominate' ? onNominated : onTakeOver;
    const answer = version === LINK_VERSION ? decide() : otherVersion(version);
    if (!answer.accept) {
      void this.close(answer.reason);
      return;
    }
    this.#outbox.post({ kind: 'welcome' });
    this.#agree(kind === 'take-over');
  }

  #agree(takesOver: boolean): void {
    if (takesOver) this.#handOver();
    else this.#goUp();
  }

  #handOver(): void {
    this.#phase = 'handed-over';
    this.#carriers.current.hold();
    this.#outbox.stop();
    this.#options.onHandOver(this.#carriers.current);
    this.#changed.ring();
  }

  #onMoved(): void {
    if (this.#phase !== 'up' || this.#carriers.peerHasMoved) {
      this.#breakOff('an unexpected move');
      return;
    }
    this.#carriers.peerMoved();
    this.#readOnNext();
  }

  /** Once both sides have said their last word on the old stream. */
  #readOnNext(): void {
    if (!this.#carriers.leave()) return;
    this.#pulse.restart();
    this.#options.onMoved();
    this.#carriers.current.resume();
  }

  #goUp(): void {
    this.#phase = 'up';
    this.#pulse.restart();
    void this.#pulse.run({ signal: this.#gone.signal, onBeat: () => this.#traffic.measure() });
    this.#options.onUp();
    this.#changed.ring();
  }

  #goDown(reason: string): void {
    if (this.#isOver()) return;
    this.#phase = 'down';
    this.#downReason = reason;
    this.#channels.closeAll(reason);
    this.#gone.abort(new SyncError('CHANNEL_CLOSED', { channel: `The link to ${this.peer.device}`, reason }));
    this.#changed.ring();
    this.#options.onDown(reason);
  }

  /** A peer that breaks a rule costs its own link. */
  #breakOff(detail: string): void {
    if (this.#isOver()) return;
    this.#options.log.warn('peer broke the link protocol', { device: this.peer.device, detail });
    void this.close(new SyncError('PROTOCOL_BROKEN', { protocol: 'link', detail }).message);
  }

  /** No more is written; what was written still leaves. */
  #hangUp(): void {
    this.#outbox.stop();
    for (const { stream } of this.#carriers.all()) stream.end();
  }

  #isOver(): boolean {
    return this.#phase === 'down' || this.#phase === 'handed-over';
  }
}

function otherVersion(version: number): Admission {
  return { accept: false, reason: `it speaks version ${version} of the link protocol, this device ${LINK_VERSION}` };
}
