import { INTERFACES_MS } from '../../limits.ts';
import type { Clock, Log } from '../../ports.ts';
import { isLinkLocal } from '../ip-address.ts';
import { type HostChoice, isLoopbackOnly } from './host-choice.ts';
import { type AddressChange, addressChange, type OwnAddress, usableAddresses, zonedHost } from './own-address.ts';
import { type Route, routesTo } from './route.ts';

/** Where this device is on the networks of this machine, as it is at the moment. */
export interface OwnAddresses {
  readonly hosts: HostChoice;
  /** What a peer may be told, best first. Link-local ones are for those who were met on the local network. */
  list(to: { readonly isLocal: boolean }): readonly OwnAddress[];
  /** All of the machine, as the system tells. */
  all(): readonly OwnAddress[];
  /** How to connect to an address that a peer named; none when it is not to be dialled from here. */
  routesTo(address: string, at: { readonly isLocal: boolean }): readonly Route[];
  /** Called with each change from now on, until the signal of these addresses fires. */
  watch(onChange: (change: AddressChange) => void): void;
}

export interface OwnAddressesOptions {
  readonly hosts: HostChoice;
  readInterfaces(): readonly OwnAddress[];
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Looks again every `INTERFACES_MS` until the signal fires: the system tells nobody here of changes. */
export function createOwnAddresses(options: OwnAddressesOptions): OwnAddresses {
  const { hosts, readInterfaces, log, signal } = options;
  const watchers: ((change: AddressChange) => void)[] = [];
  let all = readInterfaces();
  let usable = usableAddresses(all, hosts);

  function look(): void {
    all = readInterfaces();
    const after = usableAddresses(all, hosts);
    const change = addressChange(usable, after);
    usable = after;
    if (change === undefined || signal.aborted) return;
    log.info('the addresses of this machine have changed', {
      come: change.come.map(zonedHost),
      gone: change.gone.map(zonedHost),
    });
    for (const watcher of watchers) watcher(change);
  }

  if (!isLoopbackOnly(hosts)) void lookOften(look, options);
  return {
    hosts,
    list: ({ isLocal }) => (isLocal ? usable : usable.filter(({ host }) => !isLinkLocal(host))),
    all: () => all,
    routesTo: (address, { isLocal }) => (isLocal || !isLinkLocal(address) ? routesTo(address, usable, hosts) : []),
    watch: (onChange) => void watchers.push(onChange),
  };
}

async function lookOften(look: () => void, { clock, signal }: OwnAddressesOptions): Promise<void> {
  while (!signal.aborted) {
    await clock.wait(INTERFACES_MS, signal).catch(() => {});
    if (!signal.aborted) look();
  }
}
