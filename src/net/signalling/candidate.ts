/**
 * One address that a device may be reached at. Lines of ICE (RFC 8839 §5.1; TCP: RFC 6544 §4.5) without their
 * `a=candidate:`: `<foundation> <component> TCP|UDP <priority> <address> <port> typ <type> [raddr … rport …] [tcptype …]`.
 */
import * as z from 'zod';

/** Of the device itself, as a server sees it, as the other device sees it, and of a relay. */
export type CandidateType = 'host' | 'srflx' | 'prflx' | 'relay';

/** Who connects: `active` ends do, `passive` ones are connected to, and of `so` both at once (RFC 6544 §4.1). */
export type TcpType = 'active' | 'passive' | 'so';

export interface Candidate {
  readonly transport: 'tcp' | 'udp';
  readonly type: CandidateType;
  /** Of TCP candidates, and of no others. */
  readonly tcpType?: TcpType;
  readonly address: string;
  /** Of an active TCP end 9: what it really connects from is not known before. */
  readonly port: number;
  /** Of several, the higher is tried first. */
  readonly priority: number;
}

/** Of an active candidate, RFC 6544 §4.5. */
export const ACTIVE_PORT = 9;

const LINE =
  /^[A-Za-z0-9+/]{1,32} 1 (?<transport>TCP|UDP) (?<priority>\d{1,10}) (?<address>[0-9A-Fa-f:.]{2,45}) (?<port>\d{1,5}) typ (?<type>\w+)(?: raddr \S+ rport \d+)?(?: tcptype (?<tcpType>\w+))?(?: .*)?$/;

const shared = {
  type: z.enum(['host', 'srflx', 'prflx', 'relay']),
  priority: z.coerce.number().int().min(1).max(0x7fff_ffff),
  address: z.union([z.ipv4(), z.ipv6()]),
  port: z.coerce.number().int().min(1).max(65_535),
};
const Fields = z.discriminatedUnion('transport', [
  z.object({ transport: z.literal('UDP').transform(() => 'udp' as const), ...shared, tcpType: z.undefined() }),
  z.object({
    transport: z.literal('TCP').transform(() => 'tcp' as const),
    ...shared,
    tcpType: z.enum(['active', 'passive', 'so']),
  }),
]);

/** Undefined for a line that is no candidate, or one of a kind we do not know. */
export function parseCandidate(line: string): Candidate | undefined {
  const fields = Fields.safeParse({ ...LINE.exec(line)?.groups });
  if (!fields.success) return undefined;
  const { tcpType, ...candidate } = fields.data;
  return tcpType === undefined ? candidate : { ...candidate, tcpType };
}

/** Where a candidate that is not the device's own was seen from is nobody's business (RFC 8839 §5.1). */
export function formatCandidate(candidate: Candidate, foundation = foundationOf(candidate, [candidate])): string {
  const { transport, type, tcpType, address, port, priority } = candidate;
  const related = type === 'host' ? '' : ' raddr 0.0.0.0 rport 0';
  const line = `${foundation} 1 ${transport.toUpperCase()} ${priority} ${address} ${port} typ ${type}${related}`;
  return tcpType === undefined ? line : `${line} tcptype ${tcpType}`;
}

/** The same for what has the same type, transport and address, and for nothing else, RFC 8445 §5.1.1.3. */
export function foundationOf(candidate: Candidate, all: readonly Candidate[]): number {
  const keys = [...new Set(all.map(foundationKey))];
  return 1 + keys.indexOf(foundationKey(candidate));
}

/** Addresses that servers see or give differ where the own address or the server does. */
function foundationKey({ type, transport, address }: Candidate): string {
  return `${type} ${transport} ${address}`;
}

/** RFC 8445 §5.1.2.2. */
const TYPE_PREFERENCE: { readonly [Type in CandidateType]: number } = { host: 126, prflx: 110, srflx: 100, relay: 0 };

/** RFC 6544 §4.2: on one's own addresses those who connect come first; behind a NAT, who does so together with the other. */
const DIRECTION_PREFERENCE: { readonly [Type in TcpType]: { readonly own: number; readonly reflexive: number } } = {
  active: { own: 6, reflexive: 4 },
  passive: { own: 4, reflexive: 2 },
  so: { own: 2, reflexive: 6 },
};

/** Of a device's addresses the best has rank 0; the next ones follow. */
const RANKS = 2 ** 13;

/** The priority of RFC 8445 §5.1.2.1 for the only component of a TCP candidate (RFC 6544 §4.2). */
export function tcpPriority(type: CandidateType, tcpType: TcpType, rank = 0): number {
  const { own, reflexive } = DIRECTION_PREFERENCE[tcpType];
  const direction = type === 'host' || type === 'relay' ? own : reflexive;
  const localPreference = direction * RANKS + (RANKS - 1 - rank);
  return TYPE_PREFERENCE[type] * 2 ** 24 + localPreference * 2 ** 8 + 255;
}
