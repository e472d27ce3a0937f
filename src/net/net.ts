/** The front of the network: find devices, hold one link per device, open and accept channels. */
import type { AccountUri, DeviceId } from '../ids.ts';
import type { Channel, LinkKind, PeerIdentity } from '../ports.ts';
import type { DhtState } from './discovery/dht-membership.ts';
import type { Traffic } from './link/traffic.ts';
import type { PortMappingState } from './mapping/port-mapping.ts';

/** How the bytes of a link travel, best first: straight by TCP, by TCP or UDP as ICE finds a way, or through a relay (TURN). */
export type PathKind = 'tcp' | 'ice-tcp' | 'udp' | 'tcp-relay' | 'udp-relay';
export const PATH_KINDS = ['tcp', 'ice-tcp', 'udp', 'tcp-relay', 'udp-relay'] as const satisfies readonly PathKind[];

/** An open link as it was when it was looked at. */
export interface LinkView {
  readonly peer: PeerIdentity;
  /** Both ends, `host:port` each, as the connection itself sees them. */
  readonly path: { readonly kind: PathKind; readonly local: string; readonly remote: string };
  readonly kind: LinkKind;
  readonly isDialer: boolean;
  /** Milliseconds since the Unix epoch. */
  readonly since: number;
  /** Of the last probe that was answered, with what was waiting to be sent before it; undefined before the first. */
  readonly roundTripMs: number | undefined;
  readonly traffic: Traffic;
}

export type NetChange =
  | { readonly kind: 'link-up'; readonly link: LinkView }
  /** To a better path, with all its channels. */
  | { readonly kind: 'link-moved'; readonly link: LinkView }
  | { readonly kind: 'link-down'; readonly peer: PeerIdentity; readonly reason: string };

export type Admission =
  | {
      readonly accept: true;
      /** There is nothing in common with the peer: it may be linked if there is room. */
      readonly isStranger?: boolean;
    }
  | {
      readonly accept: false;
      readonly reason: string;
      /** What a peer that dials is handed with the reason, to see for itself. */
      readonly proof?: string;
    };

export interface NetHandlers {
  /** Asked once a peer has proved who it is, before the link is used, and again for every link when `recheck` is called. */
  admitPeer(peer: PeerIdentity): Admission;
  /** Asked for each channel the peer wants. */
  admitChannel(request: { readonly name: string; readonly peer: PeerIdentity }): Admission;
  /** Asked again for every open channel, whoever opened it, when `recheck` is called: a channel that is not kept is reset. */
  keepsChannel(channel: { readonly name: string; readonly peer: PeerIdentity }): boolean;
  /** A device that we dialled turned us away and says why. It has proved nothing; the proof has to speak for itself. */
  onTurnedAway(proof: string): void;
  /** This machine is reached at other addresses than before: what could not be reached may be reachable now. */
  onAddressesChanged(): void;
  /** Called with each accepted channel. The handler owns it. A handler that throws costs the channel, not the link. */
  serveChannel(channel: Channel): Promise<void>;
  onChange(change: NetChange): void;
}

export interface FindOptions {
  readonly signal: AbortSignal;
  /** Hears of each device as soon as it has answered; the others may take their time, or be gone. */
  onFound?(device: DeviceId): void;
}

export interface Net extends AsyncDisposable {
  /** Where this device listens for direct TCP paths at the moment, `host:port` each. */
  readonly addresses: readonly string[];
  dht(): DhtState;
  portMapping(): PortMappingState;
  /** The devices of an account that announce themselves now. The DHT's word; proved only by a link. */
  findDevices(account: AccountUri, options: FindOptions): Promise<readonly DeviceId[]>;
  /** The link to a device, dialled if there is none. Throws DEVICE_NOT_FOUND, DEVICE_UNREACHABLE, PEER_REJECTED, TIMED_OUT. */
  link(device: DeviceId, options: { signal: AbortSignal }): Promise<LinkView>;
  links(): readonly LinkView[];
  /** Looks for better paths for the links that may have one, at once: something about this machine's network changed. */
  seekBetterPaths(): void;
  /** Opens a channel on the link to the device, dialling first if need be. Throws as `link`, and CHANNEL_DECLINED. */
  openChannel(device: DeviceId, name: string, options: { signal: AbortSignal }): Promise<Channel>;
  /** Cuts the links of peers that `admitPeer` no longer admits, and of the others the channels that are not kept. At once. */
  recheck(): void;
  close(): Promise<void>;
}
