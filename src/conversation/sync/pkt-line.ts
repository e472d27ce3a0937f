/** Git's framing (gitprotocol-common, "pkt-line Format"): four hex digits of length, themselves included, then the payload. */
import { SyncError } from '../../errors.ts';

export type Packet = { readonly kind: 'flush' } | { readonly kind: 'data'; readonly payload: Uint8Array };

/** The longest payload of one packet. */
export const PAYLOAD_BYTES = 65_516;
const LENGTH_BYTES = 4;

export const FLUSH_PACKET: Uint8Array = Buffer.from('0000');

/** The payload may be in parts. Throws LIMIT_EXCEEDED for one that does not fit one packet. */
export function formatPacket(...payload: readonly (Uint8Array | string)[]): Uint8Array {
  const parts = payload.map((part) => (typeof part === 'string' ? Buffer.from(part) : part));
  const actual = parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (actual > PAYLOAD_BYTES) throw new SyncError('LIMIT_EXCEEDED', { what: 'Packet', limit: PAYLOAD_BYTES, actual });
  const length = (actual + LENGTH_BYTES).toString(16).padStart(LENGTH_BYTES, '0');
  return Buffer.concat([Buffer.from(length), ...parts], LENGTH_BYTES + actual);
}

/** The payload as a line of text, without the line end that senders may leave out. */
export function packetText(payload: Uint8Array): string {
  return Buffer.from(payload).toString('utf8').replace(/\n$/, '');
}

/** Finds the packets in bytes that arrive in any pieces. Holds less than one packet. */
export interface PacketDecoder {
  /** The packets that became complete. Throws MALFORMED. */
  push(bytes: Uint8Array): readonly Packet[];
  /** Whether the last bytes ended within a packet. */
  readonly isWithinPacket: boolean;
}

export function createPacketDecoder(): PacketDecoder {
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  /** Joined only when the next packet is all there, so that somebody who sends byte by byte causes no more work than others. */
  let neededBytes = LENGTH_BYTES;
  return {
    get isWithinPacket() {
      return pendingBytes > 0;
    },
    push(bytes) {
      pending.push(bytes);
      pendingBytes += bytes.byteLength;
      if (pendingBytes < neededBytes) return [];
      const { packets, rest } = takePackets(pending.length === 1 ? bytes : Buffer.concat(pending));
      pending = rest.byteLength === 0 ? [] : [rest];
      pendingBytes = rest.byteLength;
      neededBytes = rest.byteLength < LENGTH_BYTES ? LENGTH_BYTES : parseLength(rest);
      return packets;
    },
  };
}

function takePackets(bytes: Uint8Array): { packets: readonly Packet[]; rest: Uint8Array } {
  const packets: Packet[] = [];
  let rest = bytes;
  while (rest.byteLength >= LENGTH_BYTES) {
    const length = parseLength(rest);
    if (rest.byteLength < length) break;
    packets.push(length === 0 ? { kind: 'flush' } : { kind: 'data', payload: rest.subarray(LENGTH_BYTES, length) });
    rest = rest.subarray(Math.max(length, LENGTH_BYTES));
  }
  return { packets, rest };
}

/** The whole length of the packet that begins here; 0 is the flush packet, which has no payload. */
function parseLength(bytes: Uint8Array): number {
  const digits = Buffer.from(bytes.subarray(0, LENGTH_BYTES)).toString('latin1');
  const length = /^[0-9a-fA-F]{4}$/.test(digits) ? Number.parseInt(digits, 16) : Number.NaN;
  if (length === 0 || (length >= LENGTH_BYTES && length <= PAYLOAD_BYTES + LENGTH_BYTES)) return length;
  throw new SyncError('MALFORMED', { what: 'pkt-line', detail: `a packet has the length ${JSON.stringify(digits)}` });
}
