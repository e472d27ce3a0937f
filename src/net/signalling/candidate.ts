/**
 * One address that a device may be reached at. Lines of ICE (RFC 8839 §5.1; TCP: RFC 6544 §4.5), in the form of format
 * reference §8.2: `<foundation> <component> TCP|UDP <priority> <address> <port> typ host [tcptype passive]`.
 */
import { z } from 'zod';
import { ipReach } from '../ip-address.ts';

export interface Candidate {
  readonly transport: 'tcp' | 'udp';
  readonly address: string;
  readonly port: number;
  /** Of several, the higher is tried first. */
  readonly priority: number;
}

const LINE =
  /^[A-Za-z0-9+/]{1,32} 1 (?<transport>TCP|UDP) (?<priority>\d{1,10}) (?<address>[0-9A-Fa-f:.]{2,45}) (?<port>\d{1,5}) typ (?<type>\w+)(?: tcptype (?<tcpType>\w+))?(?: .*)?$/;

const Fields = z.object({
  priority: z.coerce.number().int().min(1).max(0x7fff_ffff),
  address: z.union([z.ipv4(), z.ipv6()]),
  port: z.coerce.number().int().min(1).max(65_535),
});

/** Undefined for a line that is no candidate, or one of a kind we cannot use: reflexive, relayed, or an active TCP end. */
export function parseCandidate(line: string): Candidate | undefined {
  const groups = LINE.exec(line)?.groups;
  if (groups?.['type'] !== 'host') return undefined;
  const transport = groups['transport'] === 'TCP' ? 'tcp' : 'udp';
  if ((groups['tcpType'] === 'passive') !== (transport === 'tcp')) return undefined;
  const fields = Fields.safeParse(groups);
  return fields.success ? { transport, ...fields.data } : undefined;
}

export function formatCandidate({ transport, address, port, priority }: Candidate): string {
  const line = `1 1 ${transport.toUpperCase()} ${priority} ${address} ${port} typ host`;
  return transport === 'tcp' ? `${line} tcptype passive` : line;
}

const HOST_TYPE_PREFERENCE = 126;
/** A passive end's direction preference, RFC 6544 §4.2. */
const PASSIVE_PREFERENCE = 4;

/** The priority of RFC 8445 §5.1.2.1 for the only component of a passive TCP host candidate. */
export function tcpPriority(): number {
  const localPreference = PASSIVE_PREFERENCE * 2 ** 13 + (2 ** 13 - 1);
  return HOST_TYPE_PREFERENCE * 2 ** 24 + localPreference * 2 ** 8 + 255;
}

/**
 * Whether we may be sent to an address by somebody else's word. A device on the loopback talks to the loopback only, and
 * any other device never does: else a peer could make us knock at our own machine's services.
 */
export function mayDial(candidate: Candidate, ownHost: string): boolean {
  const reach = ipReach(candidate.address);
  return reach !== 'none' && (reach === 'host') === (ipReach(ownHost) === 'host');
}
