import { messageOf } from '../../errors.ts';
import type { Milliseconds } from '../../ports.ts';
import type { Address } from '../address.ts';
import { type HostChoice, ipv4HostOf, isChosen, isLoopbackOnly, isWildcard } from '../addresses/host-choice.ts';
import { readInterfaces } from '../addresses/interfaces-adapter.ts';
import { type OwnAddress, zonedHost } from '../addresses/own-address.ts';
import { ipReach, isLinkLocal } from '../ip-address.ts';
import type { TurnServer } from '../turn/turn-server.ts';
import { examineDht } from './examine-dht.ts';
import { examineMapping } from './examine-mapping.ts';
import { examineNat } from './examine-nat.ts';
import { examineRelays, type RelayExamination } from './examine-relays.ts';
import type { Finding } from './finding.ts';
import { tryPorts } from './try-ports-adapter.ts';

export interface NetworkExamination extends RelayExamination {
  /** DHT nodes to ask; none means not to look. */
  readonly bootstrap: readonly Address[];
  readonly relays: readonly TurnServer[];
  /** STUN servers to ask, besides the relays that are spoken to by UDP. */
  readonly stun: readonly Address[];
  /** Whether the router is asked for a port. */
  readonly portMapping: boolean;
  /** When something was written here; the clock cannot be right if it shows less. */
  readonly writtenAt: Milliseconds | undefined;
}

/**
 * Looks at everything a link depends on. Asks the given nodes, relays and STUN servers, the router if that is wanted,
 * and nobody else. Throws the signal's reason.
 */
export async function examineNetwork(options: NetworkExamination): Promise<readonly Finding[]> {
  const { hosts, bootstrap, relays, portMapping, clock, writtenAt } = options;
  const stun = [
    ...options.stun,
    ...relays.filter(({ transports }) => transports.includes('udp')).map(({ address }) => address),
  ];
  const [ports, dht, nat, mapping, relayed] = await Promise.all([
    Promise.all(hosts.map(examinePorts)),
    examineDht(bootstrap, { ...options, isOwn: isOwnHost }),
    examineNat(stun, { ...options, host: ipv4HostOf(hosts) ?? hosts[0] ?? '::', isOwn: isOwnHost }),
    portMapping ? examineMapping(options).then((found) => [found]) : [],
    examineRelays(relays, options),
  ]);
  options.signal.throwIfAborted();
  const addresses = readInterfaces();
  const noRelay: Finding = {
    ...{ check: 'relay', outcome: 'note', subject: 'none' },
    says: 'no relay is configured: two devices behind strict NATs will not reach each other (docs/guides/turn.md)',
  };
  return [
    ...interfaceFindings(addresses, hosts),
    ipv6Finding(addresses),
    ...[...ports, ...dht, ...nat, ...mapping, ...(relays.length > 0 ? relayed : [noRelay])],
    clockFinding(clock.now(), writtenAt),
  ];
}

export function interfaceFindings(addresses: readonly OwnAddress[], hosts: HostChoice): readonly Finding[] {
  const seen = addresses.map((address): Finding => {
    const says = `${zonedHost(address)}, ${reachInWords(address)}`;
    return { check: 'interfaces', outcome: 'ok', subject: address.on, says };
  });
  const isThere = (host: string) =>
    isWildcard(host) ||
    ipReach(host) === 'host' ||
    addresses.some((one) => one.host === host || zonedHost(one) === host);
  const absent = hosts
    .filter((host) => !isThere(host))
    .map((subject): Finding => {
      const says = 'this machine does not have the address; give one of those above with --host';
      return { check: 'interfaces', outcome: 'problem', subject, says };
    });
  if (hosts.every(isWildcard) && !addresses.some((address) => isChosen(hosts, address))) {
    const says = 'this machine has no address there that others reach; is it connected to a network?';
    return [...seen, { check: 'interfaces', outcome: 'problem', subject: hosts.join(', '), says }];
  }
  if (!isLoopbackOnly(hosts)) return [...seen, ...absent];
  const says = 'only this machine itself is reached at that address; give another one with --host to reach others';
  return [...seen, { check: 'interfaces', outcome: 'note', subject: hosts.join(', '), says }];
}

export function ipv6Finding(addresses: readonly Pick<OwnAddress, 'host'>[]): Finding {
  const finding = { check: 'ipv6', subject: 'addresses' } as const;
  const found = addresses.map(({ host }) => host).find((host) => host.includes(':') && ipReach(host) === 'world');
  if (found !== undefined)
    return {
      ...finding,
      outcome: 'ok',
      says: `${found} reaches the internet, where others have IPv6, without any NAT`,
    };
  const says = 'this machine has no IPv6 address that reaches the internet: devices that have only IPv6 need a relay';
  return { ...finding, outcome: 'note', says };
}

function isOwnHost(host: string): boolean {
  return readInterfaces().some((address) => address.host === host);
}

function reachInWords({ host, state }: OwnAddress): string {
  const reach = ipReach(host);
  const kept = state === undefined ? '' : `, ${state}`;
  if (isLinkLocal(host)) return `neighbours on the same network only${kept}`;
  if (reach === 'host') return 'this machine only';
  return (reach === 'site' ? 'the local network' : 'the internet') + kept;
}

async function examinePorts(host: string): Promise<Finding> {
  const finding = { check: 'ports', subject: host } as const;
  try {
    await tryPorts(host === 'any' ? '0.0.0.0' : host);
    return { ...finding, outcome: 'ok', says: 'other devices can be waited for, by TCP and by UDP' };
  } catch (error) {
    return { ...finding, outcome: 'problem', says: `no port can be opened: ${messageOf(error)}` };
  }
}

export function clockFinding(now: Milliseconds, writtenAt: Milliseconds | undefined): Finding {
  const subject = new Date(now).toISOString();
  if (writtenAt !== undefined && now < writtenAt) {
    const says = `the clock is wrong: this device wrote something at ${new Date(writtenAt).toISOString()} already`;
    return { check: 'clock', outcome: 'problem', subject, says };
  }
  return {
    check: 'clock',
    outcome: 'ok',
    subject,
    says: 'nobody is asked for the time: compare it with a clock you trust; certificates and short-lived passwords depend on it',
  };
}
