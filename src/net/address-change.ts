/** What a net does when this machine is somewhere else than before. */
import { type AddressChange, zonedHost } from './addresses/own-address.ts';
import type { OwnAddresses } from './addresses/own-addresses.ts';
import type { BetterPaths } from './better-paths/better-paths.ts';
import type { DhtMembership } from './discovery/dht-membership.ts';
import type { JoinedLan } from './discovery/join-lan.ts';
import type { LinkBook } from './link-book.ts';
import type { PortMapping } from './mapping/port-mapping.ts';
import type { NetHandlers } from './net.ts';
import type { SecureStreams } from './secure/secure-streams.ts';

interface Reachable {
  readonly betterPaths: Pick<BetterPaths, 'hint'>;
  readonly handlers: Pick<NetHandlers, 'onAddressesChanged'>;
}

/** All that depends on where this device is. */
export interface Placed extends Reachable {
  readonly own: Pick<OwnAddresses, 'hosts'>;
  readonly streams: Pick<SecureStreams, 'reopen'>;
  readonly mapping: Pick<PortMapping, 'refresh'>;
  readonly book: Pick<LinkBook, 'cutAt'>;
  readonly dht: Pick<DhtMembership, 'refresh'>;
  readonly lan: Pick<JoinedLan, 'update'> | undefined;
}

/** Listens and speaks where this device is now, gives up what leaves by where it is not, and looks for ways anew. */
export function onAddressChange({ gone }: AddressChange, net: Placed): void {
  void net.streams.reopen(net.own.hosts);
  void net.lan?.update();
  net.mapping.refresh();
  net.book.cutAt((local) => gone.some((address) => local === address.host || local === zonedHost(address)));
  net.dht.refresh();
  onReachable(net);
}

/** Others can reach this device where they could not before. */
export function onReachable({ betterPaths, handlers }: Reachable): void {
  betterPaths.hint();
  handlers.onAddressesChanged();
}
