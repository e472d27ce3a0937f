/** Messages of the Port Control Protocol, version 2: the opcode MAP, for TCP (RFC 6887 §7, §11.1). */
import { SyncError } from '../../errors.ts';
import type { Address } from '../address.ts';
import { ipBytes, ipText, plainHost } from '../ip-address.ts';

export interface PcpRequest {
  /** 12 bytes; the same for as long as the mapping is meant to be the same. */
  readonly nonce: Uint8Array;
  readonly internal: Address;
  /** What would suit us; 0 for none. */
  readonly externalPort: number;
  /** 0 takes the mapping away. */
  readonly lifetimeSeconds: number;
}

export interface PcpAnswer {
  readonly external: Address;
  readonly lifetimeSeconds: number;
}

const VERSION = 2;
const MAP = 1;
const ANSWERED = 0x80;
const TCP = 6;
const HEADER_BYTES = 24;
const MESSAGE_BYTES = 60;

export function encodePcp({ nonce, internal, externalPort, lifetimeSeconds }: PcpRequest): Uint8Array {
  const message = Buffer.alloc(MESSAGE_BYTES);
  message.writeUInt8(VERSION, 0);
  message.writeUInt8(MAP, 1);
  message.writeUInt32BE(lifetimeSeconds, 4);
  message.set(inIpv6(internal.host), 8);
  message.set(nonce, HEADER_BYTES);
  message.writeUInt8(TCP, 36);
  message.writeUInt16BE(internal.port, 40);
  message.writeUInt16BE(externalPort, 42);
  // Any address of the same family (§11.1): the router has one as a rule.
  message.set(inIpv6(internal.host.includes(':') ? '::' : '0.0.0.0'), 44);
  return message;
}

/**
 * The answer to a request; undefined for what answers something else. Throws ROUTER_REFUSED, also for a router that speaks
 * NAT-PMP only and says so in its own way (RFC 6886 §3.5).
 */
export function decodePcp(bytes: Uint8Array, { nonce, internal }: PcpRequest): PcpAnswer | undefined {
  const message = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (message.length < 4) return undefined;
  if (message.readUInt8(0) !== VERSION) throw refused('it does not speak it');
  if (message.length < HEADER_BYTES || message.readUInt8(1) !== (MAP | ANSWERED)) return undefined;
  const result = message.readUInt8(3);
  if (message.length >= MESSAGE_BYTES && !isFor(message, { nonce, internal })) return undefined;
  if (result !== 0) throw refused(REASONS[result] ?? `error ${result}`);
  if (message.length < MESSAGE_BYTES) return undefined;
  const host = plainHost(ipText(message.subarray(44, 60)));
  return { external: { host, port: message.readUInt16BE(42) }, lifetimeSeconds: message.readUInt32BE(4) };
}

/** Only the router that was asked knows the nonce, and whoever reads along. */
function isFor(message: Buffer, { nonce, internal }: Pick<PcpRequest, 'nonce' | 'internal'>): boolean {
  const isOfRequest = message.subarray(HEADER_BYTES, 36).equals(nonce);
  return isOfRequest && message.readUInt8(36) === TCP && message.readUInt16BE(40) === internal.port;
}

/** RFC 6887 §7.4. */
const REASONS: readonly (string | undefined)[] = [
  undefined,
  'it does not speak this version',
  'it is set up not to',
  'it found the request malformed',
  'it opens no ports',
  'it does not know an option',
  'it found an option malformed',
  'it has no network itself at the moment',
  'it has no room for more',
  'it does not do so for TCP',
  'this machine has too many already',
  'it cannot give the port outside',
  'it sees this machine at another address: there is a NAT between them',
  'too many peers were named',
];

function refused(detail: string): SyncError {
  return new SyncError('ROUTER_REFUSED', { protocol: 'PCP', detail });
}

function inIpv6(host: string): Uint8Array {
  const bytes = ipBytes(host) ?? new Uint8Array(4);
  return bytes.length === 16 ? bytes : Buffer.concat([V4_IN_V6, bytes]);
}

/** `::ffff:0:0/96`. */
const V4_IN_V6 = Buffer.from('00000000000000000000ffff', 'hex');
