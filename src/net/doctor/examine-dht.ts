import { messageOf } from '../../errors.ts';
import { type Address, formatAddress } from '../address.ts';
import { ipv4HostOf, isLoopbackOnly } from '../addresses/host-choice.ts';
import { type DhtSight, lookAtDht } from '../dht/dht-sight-adapter.ts';
import { type GateExamination, type GateSight, lookAtGates } from './examine-gates.ts';
import type { Finding } from './finding.ts';

/** What is seen of the nodes that were given. */
export interface DiscoverySight {
  /** By UDP; or why nobody can look. */
  readonly dht: DhtSight | { readonly reason: string };
  /** By TCP. */
  readonly gates: readonly GateSight[];
}

export interface DhtExamination extends GateExamination {
  isOwn(host: string): boolean;
}

/**
 * Looks whether devices are found by way of these nodes: in their DHT, and at the gates that they may be. Throws the
 * signal's reason.
 */
export async function examineDht(bootstrap: readonly Address[], options: DhtExamination): Promise<readonly Finding[]> {
  if (bootstrap.length === 0) {
    const where = isLoopbackOnly(options.hosts) ? 'no device is found' : 'devices are found on the local network only';
    const says = `no node was given (--bootstrap): ${where}`;
    return [{ check: 'dht', outcome: 'note', subject: 'none', says }];
  }
  const subject = bootstrap.map(formatAddress).join(', ');
  const [dht, gates] = await Promise.all([lookByUdp(bootstrap, options), lookAtGates(bootstrap, options)]);
  return discoveryFindings({ dht, gates }, { subject, isOwn: options.isOwn });
}

async function lookByUdp(bootstrap: readonly Address[], { hosts }: DhtExamination): Promise<DiscoverySight['dht']> {
  const host = ipv4HostOf(hosts);
  if (host === undefined) return { reason: 'a DHT needs IPv4, of which --host names no address' };
  try {
    return await lookAtDht(bootstrap, host);
  } catch (error) {
    return { reason: messageOf(error) };
  }
}

interface Seen {
  readonly subject: string;
  isOwn(host: string): boolean;
}

/** One of the two ways is enough for a device to be found by those who use it, too. */
export function discoveryFindings({ dht, gates }: DiscoverySight, seen: Seen): readonly Finding[] {
  const found = dhtFindings(dht, seen);
  const isDhtThere = found.every(({ outcome }) => outcome !== 'problem');
  const isGateThere = gates.some(({ refusal }) => refusal === undefined);
  return [
    ...found.map((finding) => (isDhtThere || !isGateThere ? finding : besideGates(finding))),
    ...gates.map((gate) => gateFinding(gate, isDhtThere || isGateThere)),
  ];
}

function dhtFindings(dht: DiscoverySight['dht'], { subject, isOwn }: Seen): readonly Finding[] {
  if ('reason' in dht) return [{ check: 'dht', outcome: 'problem', subject, says: dht.reason }];
  const { nodes, seenAt, isPortChanging } = dht;
  if (nodes === 0) {
    const says = 'no node answers by UDP: look whether the address is right, and whether UDP gets through';
    return [{ check: 'dht', outcome: 'problem', subject, says }];
  }
  const found: Finding = { check: 'dht', outcome: 'ok', subject, says: `${nodes} nodes answer` };
  if (seenAt === undefined) return [found];
  if (isPortChanging) {
    const says = `nodes see this device at ${seenAt.host}, each at another port: a NAT that only a relay gets around`;
    return [found, { check: 'nat', outcome: 'note', subject, says }];
  }
  const isSame = isOwn(seenAt.host);
  const where = isSame ? 'its own address: there is no NAT on the way' : formatAddress(seenAt);
  const rest = isSame ? '' : ', always the same: a NAT through which UDP and TCP can be tried';
  return [found, { check: 'nat', outcome: 'ok', subject, says: `nodes see this device at ${where}${rest}` }];
}

function besideGates({ says, ...finding }: Finding): Finding {
  const instead = 'this device finds those, and is found by those, that are at the same gate';
  return { ...finding, outcome: 'note', says: `${says}; ${instead}` };
}

function gateFinding({ gate, refusal }: GateSight, isOtherWay: boolean): Finding {
  const finding = { check: 'gate', subject: formatAddress(gate) } as const;
  if (refusal === undefined)
    return { ...finding, outcome: 'ok', says: 'lets devices in by TCP, also those without UDP or IPv4' };
  const says = `lets no device in by TCP, so those without UDP or IPv4 do not meet there: ${refusal}`;
  return { ...finding, outcome: isOtherWay ? 'note' : 'problem', says };
}
