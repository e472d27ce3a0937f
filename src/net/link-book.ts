import { createBell } from '../bell.ts';
import { SyncError } from '../errors.ts';
import type { DeviceId } from '../ids.ts';
import type { Clock, Log, PeerIdentity } from '../ports.ts';
import type { Carrier } from './link/carrier.ts';
import { Link } from './link/link.ts';
import { hostIn, linkKindOf } from './link-kind.ts';
import { lackOfRoom } from './link-room.ts';
import type { Admission, LinkView, NetChange, NetHandlers, PathKind } from './net.ts';
import type { ProvedStream } from './secure/secure-streams.ts';
import type { Handshake } from './signalling/handshake.ts';

export interface LinkBookOptions {
  readonly self: DeviceId;
  readonly handlers: NetHandlers;
  readonly clock: Clock;
  readonly log: Log;
}

export interface NewLink {
  readonly kind: PathKind;
  readonly stream: ProvedStream;
  readonly isDialer: boolean;
  /** The link that there is shall move to the stream. */
  readonly takesOver: boolean;
  /** The handshake that brought the stream up. */
  readonly handshake: Handshake;
  onUp(): void;
}

/** Why a nomination is turned down although the peer is welcome: both sides nominated, and the other one wins. */
export const CROSSED = 'crossed with a dial the other way';

/**
 * All links: at most one that is up for each device.
 *
 * Two devices that dial each other at once agree without another word: while both nominations are on their way, the one
 * of the smaller device id wins. When a link comes up, every other handshake with the device ends, so that a nomination
 * which was on its way then finds a closed stream. A nomination that comes later replaces the link: a dialer that still
 * had one would not have dialled.
 */
export class LinkBook {
  readonly #options: LinkBookOptions;
  readonly #up = new Map<DeviceId, Link>();
  readonly #all = new Set<Link>();
  /** Those of the devices with a link with which there is nothing in common. */
  readonly #strangers = new Set<DeviceId>();
  readonly #handshakes = new Set<Handshake>();
  readonly #changed = createBell();
  readonly #watchers: ((change: NetChange) => void)[] = [];

  constructor(options: LinkBookOptions) {
    this.#options = options;
  }

  /** Hears of each change before the handlers do. */
  watch(onChange: (change: NetChange) => void): void {
    this.#watchers.push(onChange);
  }

  get(device: DeviceId): Link | undefined {
    return this.#up.get(device);
  }

  /** Resolves with the link once there is one. Throws the signal's reason. */
  async until(device: DeviceId, signal: AbortSignal): Promise<Link> {
    await this.#changed.until(() => this.#up.has(device), signal);
    const link = this.#up.get(device);
    if (link) return link;
    throw new SyncError('CHANNEL_CLOSED', { channel: `The link to ${device}`, reason: 'it went down at once' });
  }

  views(): readonly LinkView[] {
    return [...this.#up.values()].map((link) => link.view());
  }

  /** A handshake that ends when a link to its peer comes up another way. Returns how to forget it. */
  enter(handshake: Handshake): () => void {
    this.#handshakes.add(handshake);
    return () => void this.#handshakes.delete(handshake);
  }

  makeLink({ kind, stream: proved, isDialer, takesOver, handshake, onUp }: NewLink): Link {
    const { clock, log, handlers } = this.#options;
    const { stream, peer, local = '', remote = '', isRelayed = false } = proved;
    const link: Link = new Link({
      ...{ stream, peer, isDialer, takesOver, clock, log, handlers },
      path: { kind, local, remote },
      kind: isRelayed ? 'relay' : linkKindOf(remote),
      onNominated: () => this.#consider(peer),
      onTakeOver: () => this.#considerMove(peer),
      onHandOver: (carrier) => {
        this.#move(link, carrier);
        onUp();
      },
      onMoved: () => this.#onMoved(link),
      onUp: () => {
        this.#adopt(link, handshake);
        onUp();
      },
      onDown: (reason) => this.#drop(link, reason),
    });
    this.#all.add(link);
    return link;
  }

  /** Cuts the links of peers that are no longer admitted, and the channels that they may no longer have. */
  recheck(): void {
    for (const link of [...this.#up.values()]) {
      const answer = this.#options.handlers.admitPeer(link.peer);
      if (answer.accept) {
        this.#note(link.peer, answer);
        link.recheckChannels();
      } else void link.close(answer.reason);
    }
  }

  /** Cuts the links that leave by an address which this machine does not have any more: nothing comes of them. */
  cutAt(isGone: (localHost: string) => boolean): void {
    for (const link of [...this.#up.values()]) {
      const { local } = link.view().path;
      if (isGone(hostIn(local))) link.cut('this device does not have the address any more');
    }
  }

  async closeAll(reason: string): Promise<void> {
    for (const handshake of [...this.#handshakes]) handshake.supersede();
    await Promise.all([...this.#all].map((link) => link.close(reason)));
  }

  #consider(peer: PeerIdentity): Admission {
    const answer = this.#options.handlers.admitPeer(peer);
    if (!answer.accept) return answer;
    const reason = this.#up.has(peer.device) ? undefined : this.#lackOfRoom(peer, answer.isStranger ?? false);
    if (reason !== undefined) return { accept: false, reason };
    const ownNomination = [...this.#all].some((link) => link.isNominated && link.peer.device === peer.device);
    return ownNomination && this.#options.self < peer.device ? { accept: false, reason: CROSSED } : { accept: true };
  }

  #lackOfRoom(peer: PeerIdentity, isStranger: boolean): string | undefined {
    const holders = [...this.#up.values()].map((link) => ({
      peer: link.peer,
      isStranger: this.#strangers.has(link.peer.device),
    }));
    return lackOfRoom(holders, { peer, isStranger });
  }

  #note({ device }: PeerIdentity, { isStranger = false }: Extract<Admission, { accept: true }>): void {
    if (isStranger) this.#strangers.add(device);
    else this.#strangers.delete(device);
  }

  /** Who dialled a link looks for a better path for it, so that two moves never cross. */
  #considerMove(peer: PeerIdentity): Admission {
    const answer = this.#options.handlers.admitPeer(peer);
    if (!answer.accept) return answer;
    const link = this.#up.get(peer.device);
    const isFree = link !== undefined && !link.isDialer && !link.isMoving;
    return isFree ? { accept: true } : { accept: false, reason: 'there is no link that could move' };
  }

  #move(from: Link, carrier: Carrier): void {
    this.#all.delete(from);
    const link = this.#up.get(from.peer.device);
    if (link === undefined) carrier.stream.destroy();
    else link.moveTo(carrier);
  }

  #onMoved(link: Link): void {
    this.#options.log.debug('link moved', { device: link.peer.device, path: link.view().path });
    this.#tell({ kind: 'link-moved', link: link.view() });
  }

  #adopt(link: Link, handshake: Handshake): void {
    const { device } = link.peer;
    // What was agreed on while the handshake went on may not hold any more.
    const answer = this.#options.handlers.admitPeer(link.peer);
    if (!answer.accept) {
      void link.close(answer.reason);
      return;
    }
    void this.#up.get(device)?.close('the device opened a new link');
    this.#up.set(device, link);
    this.#note(link.peer, answer);
    for (const other of [...this.#handshakes])
      if (other !== handshake && other.peer.device === device) other.supersede();
    this.#options.log.debug('link up', { device, path: link.view().path });
    this.#tell({ kind: 'link-up', link: link.view() });
    this.#changed.ring();
  }

  #tell(change: NetChange): void {
    for (const watcher of this.#watchers) watcher(change);
    this.#options.handlers.onChange(change);
  }

  #drop(link: Link, reason: string): void {
    this.#all.delete(link);
    if (this.#up.get(link.peer.device) !== link) return;
    this.#up.delete(link.peer.device);
    this.#strangers.delete(link.peer.device);
    this.#options.log.debug('link down', { device: link.peer.device, reason });
    this.#tell({ kind: 'link-down', peer: link.peer, reason });
  }
}
