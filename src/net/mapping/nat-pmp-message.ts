/** Messages of the NAT Port Mapping Protocol (RFC 6886 §3): the address outside, and ports for TCP. */
import { SyncError } from '../../errors.ts';
import { ipText } from '../ip-address.ts';

export interface NatPmpMap {
  readonly internalPort: number;
  /** What would suit us; 0 for none. */
  readonly externalPort: number;
  /** 0 takes the mapping away. */
  readonly lifetimeSeconds: number;
}

const VERSION = 0;
const ADDRESS = 0;
const MAP_TCP = 2;
const ANSWERED = 0x80;
const REFUSAL_BYTES = 8;

export function encodeAddressRequest(): Uint8Array {
  return Uint8Array.of(VERSION, ADDRESS);
}

export function encodeMapRequest({ internalPort, externalPort, lifetimeSeconds }: NatPmpMap): Uint8Array {
  const message = Buffer.alloc(12);
  message.writeUInt8(VERSION, 0);
  message.writeUInt8(MAP_TCP, 1);
  message.writeUInt16BE(internalPort, 4);
  message.writeUInt16BE(externalPort, 6);
  message.writeUInt32BE(lifetimeSeconds, 8);
  return message;
}

/** The router's address outside; undefined for what answers something else. Throws ROUTER_REFUSED. */
export function decodeAddressAnswer(bytes: Uint8Array): string | undefined {
  const message = answerTo(ADDRESS, bytes, 12);
  return message && ipText(message.subarray(8, 12));
}

/** What was mapped; undefined for what answers something else. Throws ROUTER_REFUSED. */
export function decodeMapAnswer(bytes: Uint8Array, internalPort: number): NatPmpMap | undefined {
  const message = answerTo(MAP_TCP, bytes, 16);
  if (message?.readUInt16BE(8) !== internalPort) return undefined;
  return { internalPort, externalPort: message.readUInt16BE(10), lifetimeSeconds: message.readUInt32BE(12) };
}

function answerTo(operation: number, bytes: Uint8Array, length: number): Buffer | undefined {
  const message = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (message.length < REFUSAL_BYTES || message.readUInt8(1) !== (operation | ANSWERED)) return undefined;
  const result = message.readUInt16BE(2);
  if (message.readUInt8(0) !== VERSION) throw refused('it does not speak this version');
  if (result !== 0) throw refused(REASONS[result] ?? `error ${result}`);
  return message.length < length ? undefined : message;
}

/** RFC 6886 §3.5. */
const REASONS: readonly (string | undefined)[] = [
  undefined,
  'it does not speak this version',
  'it is set up not to',
  'it has no network itself at the moment',
  'it has no room for more',
  'it opens no ports',
];

function refused(detail: string): SyncError {
  return new SyncError('ROUTER_REFUSED', { protocol: 'NAT-PMP', detail });
}
