/** What a NAT does, from what STUN servers say (RFC 5780 §4), without any IO. */
import { type Address, formatAddress } from '../address.ts';
import type { Finding } from './finding.ts';

/** What one server said of the port that it was asked from. */
export interface Sighting {
  readonly server: Address;
  /** Undefined when it does not answer. */
  readonly seenAt: Address | undefined;
}

/** Whom the NAT, or a firewall, lets in on a port that something was sent from. */
export type Filtering = 'anybody' | 'known-addresses' | 'known-ports';

export interface NatSight {
  /** The number of the port that was asked from. */
  readonly localPort: number;
  /** Whether this machine has an address. */
  isOwn(host: string): boolean;
  readonly sightings: readonly Sighting[];
  /** Undefined where no server can tell. */
  readonly filtering: Filtering | undefined;
}

export function natFindings(sight: NatSight): readonly Finding[] {
  const silent = sight.sightings.filter(({ seenAt }) => seenAt === undefined).map(silentFinding);
  return [...silent, ...mappingFindings(sight), ...filteringFindings(sight)];
}

function silentFinding({ server }: Sighting): Finding {
  const says = 'does not answer by UDP; does UDP get out of this network, and is it a STUN server?';
  return { check: 'nat', outcome: 'note', subject: formatAddress(server), says };
}

/** Whether the NAT uses the same port for everybody, so that one who is told of it can send there. */
function mappingFindings({ localPort, isOwn, sightings }: NatSight): readonly Finding[] {
  const seen = sightings.flatMap(({ server, seenAt }) => (seenAt ? [{ server, seenAt }] : []));
  const [first] = seen;
  if (first === undefined) return [];
  const subject = seen.map(({ server }) => formatAddress(server)).join(', ');
  const at = formatAddress(first.seenAt);
  const finding = (outcome: Finding['outcome'], says: string): readonly Finding[] => [
    { check: 'nat', outcome, subject, says },
  ];
  if (seen.some(({ seenAt }) => formatAddress(seenAt) !== at)) {
    const all = [...new Set(seen.map(({ seenAt }) => formatAddress(seenAt)))].join(', ');
    return finding(
      'note',
      `one UDP port of this device is seen at ${all}: a symmetric NAT, which only a relay gets around`,
    );
  }
  if (first.seenAt.port === localPort && isOwn(first.seenAt.host))
    return finding('ok', 'this device is seen at its own address by UDP: there is no NAT');
  const seenAt = `a UDP port of this device is seen at ${at}`;
  return seen.length === 1
    ? finding('ok', `${seenAt}; a second server (--stun) would tell whether others see the same port`)
    : finding('ok', `${seenAt} by all: a NAT through which UDP can be tried`);
}

const FILTERING: { readonly [Kind in Filtering]: string } = {
  anybody: 'anybody who knows the port gets in, once something was sent from it',
  'known-addresses': 'only machines that something was sent to get in, from whatever port',
  'known-ports': 'only a port that something was sent to gets in: the strictest, and the most common',
};

function filteringFindings({ filtering, sightings }: NatSight): readonly Finding[] {
  if (filtering === undefined) return [];
  const answering = sightings.filter(({ seenAt }) => seenAt !== undefined);
  const subject = answering.map(({ server }) => formatAddress(server)).join(', ');
  return [{ check: 'nat', outcome: 'ok', subject, says: `by UDP ${FILTERING[filtering]}` }];
}
