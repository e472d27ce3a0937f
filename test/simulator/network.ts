/**
 * The network between simulated devices. Links break and come back; what was on its way on a broken link is lost, and each
 * side notices in its own time. What travels on one channel keeps its order, what travels on two does not.
 */
import { SyncError } from '../../src/errors.ts';
import type { DeviceId } from '../../src/ids.ts';
import type { LinkView, Net, NetHandlers } from '../../src/net/net.ts';
import type { Channel, PeerIdentity, Random } from '../../src/ports.ts';
import type { Agenda } from './agenda.ts';
import { type ChannelEnd, createChannelEnd, type Lane } from './virtual-channel.ts';

export interface NetworkOptions {
  readonly agenda: Agenda;
  readonly random: Random;
  /** The longest that a message takes, in milliseconds. */
  readonly latency: number;
  /** Told of everything that arrives, for the record. */
  onArrival(from: DeviceId, to: DeviceId, bytes: number): void;
}

export interface Network {
  /** A device comes on. What it gets works until it goes off. */
  goOn(peer: PeerIdentity, handlers: NetHandlers): OnlineDevice;
  /** Whether the two could be linked; those that are not any more notice later. */
  setReachable(a: DeviceId, b: DeviceId, isReachable: boolean): void;
}

export interface OnlineDevice {
  readonly net: Pick<Net, 'findDevices' | 'link' | 'links' | 'openChannel' | 'recheck'>;
  /** Falls silent at once; the others notice later. */
  goOff(): void;
}

/** How long it takes until two devices that can be linked are. */
const DIAL_MS = 500;
/** How long it takes until a device notices that a link broke. */
const NOTICE_MS = 3000;

/** One side of a link. */
interface Side {
  readonly owner: Online;
  readonly view: LinkView;
  readonly channels: Set<ChannelEnd>;
  isUp: boolean;
}

interface VirtualLink {
  readonly sides: readonly [Side, Side];
  isBroken: boolean;
}

interface Online {
  readonly peer: PeerIdentity;
  readonly handlers: NetHandlers;
  /** By the device at the other end: what this device takes for its link. */
  readonly links: Map<DeviceId, { readonly link: VirtualLink; readonly own: Side; readonly other: Side }>;
}

export function createNetwork(options: NetworkOptions): Network {
  const { agenda, random } = options;
  const online = new Map<DeviceId, Online>();
  const links = new Map<string, VirtualLink>();
  const unreachable = new Set<string>();

  /** Breaks what was there and, if the two may be linked, links them a little later. */
  function relink(a: DeviceId, b: DeviceId): void {
    const key = pairOf(a, b);
    const old = links.get(key);
    links.delete(key);
    if (old) breakLink(old);
    if (unreachable.has(key)) return;
    agenda.after(1 + random.below(DIAL_MS), () => {
      const [one, two] = [online.get(a), online.get(b)];
      if (!one || !two || links.has(key) || unreachable.has(key)) return;
      if (!one.handlers.admitPeer(two.peer).accept || !two.handlers.admitPeer(one.peer).accept) return;
      const link = makeLink([one, two], {
        ...{ since: agenda.clock.now(), roundTripMs: options.latency, traffic: NO_TRAFFIC },
      });
      links.set(key, link);
      for (const side of link.sides) agenda.after(random.below(options.latency + 1), () => bringUp(link, side));
    });
  }

  function bringUp(link: VirtualLink, own: Side): void {
    const { owner, view } = own;
    if (link.isBroken || own.isUp || online.get(owner.peer.device) !== owner) return;
    const old = owner.links.get(view.peer.device);
    if (old) goDown(old.own, 'the device opened a new link');
    own.isUp = true;
    owner.links.set(view.peer.device, { link, own, other: otherSide(link, own) });
    owner.handlers.onChange({ kind: 'link-up', link: view });
  }

  function breakLink(link: VirtualLink): void {
    link.isBroken = true;
    for (const side of link.sides) agenda.after(random.below(NOTICE_MS), () => goDown(side, 'the link broke'));
  }

  function goDown(side: Side, reason: string): void {
    const { owner, view, channels } = side;
    if (!side.isUp || online.get(owner.peer.device) !== owner) return;
    side.isUp = false;
    for (const channel of channels) channel.break(reason);
    if (owner.links.get(view.peer.device)?.own !== side) return;
    owner.links.delete(view.peer.device);
    owner.handlers.onChange({ kind: 'link-down', peer: view.peer, reason });
  }

  /** What is sent on it arrives after what was sent on it before. */
  function laneOn(link: VirtualLink, from: Side): Lane {
    const to = otherSide(link, from);
    let last = 0;
    return (bytes, arrive) => {
      const now = agenda.clock.now();
      last = Math.max(last, now + random.below(options.latency + 1));
      agenda.after(last - now, () => {
        if (link.isBroken || online.get(to.owner.peer.device) !== to.owner) return;
        options.onArrival(from.owner.peer.device, to.owner.peer.device, bytes);
        // Nobody reads from a link before it is up.
        bringUp(link, to);
        arrive();
      });
    };
  }

  async function openChannel(owner: Online, device: DeviceId, name: string): Promise<Channel> {
    const found = owner.links.get(device);
    if (!found) throw new SyncError('DEVICE_NOT_FOUND', { device });
    const { link, own, other } = found;
    const [there, back] = [laneOn(link, own), laneOn(link, other)];
    const end = createChannelEnd({ name, peer: own.view.peer, lane: there });
    own.channels.add(end);
    return new Promise((resolve, reject) => {
      const breakEnd = end.break;
      end.break = (reason) => {
        breakEnd(reason);
        reject(new SyncError('CHANNEL_CLOSED', { channel: name, reason }));
      };
      there(name.length, () => {
        const answer = other.owner.handlers.admitChannel({ name, peer: other.view.peer });
        if (!answer.accept)
          return back(0, () => reject(new SyncError('CHANNEL_DECLINED', { channel: name, reason: answer.reason })));
        const far = createChannelEnd({ name, peer: other.view.peer, lane: back });
        other.channels.add(far);
        far.connect(end);
        end.connect(far);
        back(0, () => resolve(end));
        other.owner.handlers.serveChannel(far).catch(() => far.close('the other side failed to serve it'));
      });
    });
  }

  function recheck(owner: Online): void {
    for (const { link, own } of [...owner.links.values()]) {
      const { peer } = own.view;
      if (!owner.handlers.admitPeer(peer).accept) {
        links.delete(pairOf(owner.peer.device, peer.device));
        goDown(own, 'not admitted');
        breakLink(link);
        continue;
      }
      for (const channel of own.channels)
        if (!owner.handlers.keepsChannel({ name: channel.name, peer })) channel.close('not kept');
    }
  }

  return {
    setReachable(a, b, isReachable) {
      const key = pairOf(a, b);
      if (isReachable === !unreachable.has(key) && isReachable === links.has(key)) return;
      if (isReachable) unreachable.delete(key);
      else unreachable.add(key);
      relink(a, b);
    },
    goOn(peer, handlers) {
      const owner: Online = { peer, handlers, links: new Map() };
      online.set(peer.device, owner);
      for (const other of online.keys()) if (other !== peer.device) relink(peer.device, other);
      return {
        net: {
          findDevices: async () => [],
          link: async (device) => {
            throw new SyncError('DEVICE_NOT_FOUND', { device });
          },
          links: () => [...owner.links.values()].map(({ own }) => own.view),
          openChannel: (device, name) => openChannel(owner, device, name),
          recheck: () => recheck(owner),
        },
        goOff() {
          if (online.get(peer.device) !== owner) return;
          online.delete(peer.device);
          for (const [key, link] of links) {
            if (link.sides.every((side) => side.owner !== owner)) continue;
            links.delete(key);
            breakLink(link);
          }
        },
      };
    },
  };
}

const NO_TRAFFIC = { received: 0, sent: 0, receivedPerSecond: 0, sentPerSecond: 0 };

function makeLink(
  [one, two]: readonly [Online, Online],
  measured: Pick<LinkView, 'since' | 'roundTripMs' | 'traffic'>,
): VirtualLink {
  const side = (owner: Online, other: Online, isDialer: boolean): Side => {
    const path = { kind: 'tcp', local: 'here', remote: 'there' } as const;
    const view: LinkView = { peer: other.peer, path, kind: 'lan', isDialer, ...measured };
    return { owner, view, channels: new Set(), isUp: false };
  };
  return { sides: [side(one, two, true), side(two, one, false)], isBroken: false };
}

function otherSide({ sides: [one, two] }: VirtualLink, side: Side): Side {
  return side === one ? two : one;
}

function pairOf(a: DeviceId, b: DeviceId): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}
