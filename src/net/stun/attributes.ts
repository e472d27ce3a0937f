/**
 * What a STUN message carries: attributes of STUN (RFC 8489 §14), ICE (RFC 8445 §16.1) and TURN (RFC 8656 §18,
 * RFC 6062 §6.2), and of asking about NATs (RFC 5780 §7). Of each kind a message has at most one that counts, the first.
 */
import { SyncError } from '../../errors.ts';
import type { Address } from '../address.ts';
import { ipBytes, ipText } from '../ip-address.ts';

export interface StunAttributes {
  readonly mappedAddress?: Address;
  /** Asks for the answer to come from elsewhere: `CHANGE_ADDRESS`, `CHANGE_PORT`, or both. */
  readonly changeRequest?: number;
  readonly username?: string;
  readonly errorCode?: StunError;
  /** Types that the other side had to know and did not. */
  readonly unknownAttributes?: readonly number[];
  /** Seconds. */
  readonly lifetime?: number;
  readonly peerAddress?: Address;
  readonly data?: Uint8Array;
  readonly realm?: string;
  readonly nonce?: string;
  readonly relayedAddress?: Address;
  readonly addressFamily?: 4 | 6;
  /** A protocol number of IP: 6 is TCP, 17 is UDP. */
  readonly transport?: number;
  readonly xorMappedAddress?: Address;
  readonly priority?: number;
  readonly useCandidate?: true;
  /** Names a connection that the relay holds for us, RFC 6062 §6.2.1. */
  readonly connectionId?: number;
  readonly software?: string;
  readonly alternateServer?: Address;
  /** Where else the server listens: at another address and another port. */
  readonly otherAddress?: Address;
  readonly iceControlled?: bigint;
  readonly iceControlling?: bigint;
}

export interface StunError {
  /** 300 to 699. */
  readonly code: number;
  readonly reason: string;
}

export const CHANGE_ADDRESS = 0x4;
export const CHANGE_PORT = 0x2;

/** What addresses are masked with: the magic cookie, then the transaction's id. */
export type XorMask = Uint8Array;

interface Codec<Value> {
  readonly type: number;
  encode(value: Value, mask: XorMask): Uint8Array;
  /** Undefined for a value that cannot be. */
  decode(bytes: Uint8Array, mask: XorMask): Value | undefined;
}

type Values = Required<StunAttributes>;
type Codecs = { readonly [Name in keyof Values]: Codec<Values[Name]> };

const CODECS: Codecs = {
  mappedAddress: address(0x0001, plain),
  changeRequest: uint32(0x0003),
  username: text(0x0006),
  errorCode: { type: 0x0009, encode: encodeError, decode: decodeError },
  unknownAttributes: { type: 0x000a, encode: encodeTypes, decode: decodeTypes },
  peerAddress: address(0x0012, masked),
  data: { type: 0x0013, encode: (bytes) => bytes, decode: (bytes) => bytes },
  realm: text(0x0014),
  nonce: text(0x0015),
  relayedAddress: address(0x0016, masked),
  addressFamily: { type: 0x0017, encode: (family) => Uint8Array.of(FAMILY[family], 0, 0, 0), decode: decodeFamily },
  transport: { type: 0x0019, encode: (protocol) => Uint8Array.of(protocol, 0, 0, 0), decode: ([protocol]) => protocol },
  lifetime: uint32(0x000d),
  xorMappedAddress: address(0x0020, masked),
  priority: uint32(0x0024),
  useCandidate: { type: 0x0025, encode: () => new Uint8Array(), decode: () => true },
  connectionId: uint32(0x002a),
  software: text(0x8022),
  alternateServer: address(0x8023, plain),
  otherAddress: address(0x802c, plain),
  iceControlled: uint64(0x8029),
  iceControlling: uint64(0x802a),
};

const NAMES: ReadonlyMap<number, keyof StunAttributes> = new Map(
  Object.entries(CODECS).map(([name, { type }]) => [type, name as keyof StunAttributes]),
);

/** From this type on an attribute may be skipped by who does not know it, RFC 8489 §14. */
const OPTIONAL_TYPES = 0x8000;
const HEADER_BYTES = 4;

/** One attribute with its header, padded to four bytes. */
export function encodeAttribute(type: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + padded(value.length));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, type);
  view.setUint16(2, value.length);
  bytes.set(value, HEADER_BYTES);
  return bytes;
}

/** In the order of their names in the object. */
export function encodeAttributes(attributes: StunAttributes, mask: XorMask): readonly Uint8Array[] {
  const names = Object.keys(attributes) as (keyof StunAttributes)[];
  return names.flatMap((name) => {
    const value = attributes[name];
    return value === undefined ? [] : [encodeOne(name, value, mask)];
  });
}

function encodeOne<Name extends keyof Values>(name: Name, value: Values[Name], mask: XorMask): Uint8Array {
  const codec: Codec<Values[Name]> = CODECS[name];
  return encodeAttribute(codec.type, codec.encode(value, mask));
}

/** An attribute as it lies in a message. */
export interface RawAttribute {
  readonly type: number;
  readonly value: Uint8Array;
  /** Where its header begins, from the first byte given to `rawAttributes`. */
  readonly offset: number;
}

/** Throws MALFORMED when the last attribute is cut off. */
export function rawAttributes(bytes: Uint8Array): readonly RawAttribute[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: RawAttribute[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    if (offset + HEADER_BYTES > bytes.length) throw malformed('an attribute is cut off');
    const length = view.getUint16(offset + 2);
    const start = offset + HEADER_BYTES;
    if (start + length > bytes.length) throw malformed('an attribute is longer than the message');
    found.push({ type: view.getUint16(offset), value: bytes.subarray(start, start + length), offset });
    offset = start + padded(length);
  }
  return found;
}

export interface DecodedAttributes {
  readonly attributes: StunAttributes;
  /** Types we do not know, and would have to: such a request is answered with 420. */
  readonly notUnderstood: readonly number[];
}

/** Throws MALFORMED for a value that its type does not allow. */
export function decodeAttributes(raw: readonly RawAttribute[], mask: XorMask): DecodedAttributes {
  const values = new Map<keyof StunAttributes, unknown>();
  const notUnderstood: number[] = [];
  for (const { type, value } of raw) {
    const name = NAMES.get(type);
    if (name === undefined) {
      if (type < OPTIONAL_TYPES) notUnderstood.push(type);
      continue;
    }
    if (values.has(name)) continue;
    const decoded = CODECS[name].decode(value, mask);
    if (decoded === undefined) throw malformed(`the attribute ${name} has a value that cannot be`);
    values.set(name, decoded);
  }
  return { attributes: Object.fromEntries(values), notUnderstood };
}

function text(type: number): Codec<string> {
  return { type, encode: (value) => Buffer.from(value), decode: (bytes) => Buffer.from(bytes).toString() };
}

function uint32(type: number): Codec<number> {
  return {
    type,
    encode(value) {
      const bytes = new Uint8Array(4);
      viewOf(bytes).setUint32(0, value);
      return bytes;
    },
    decode: (bytes) => (bytes.length === 4 ? viewOf(bytes).getUint32(0) : undefined),
  };
}

function uint64(type: number): Codec<bigint> {
  return {
    type,
    encode(value) {
      const bytes = new Uint8Array(8);
      viewOf(bytes).setBigUint64(0, value);
      return bytes;
    },
    decode: (bytes) => (bytes.length === 8 ? viewOf(bytes).getBigUint64(0) : undefined),
  };
}

/** Applied to the port's and the address's bytes in both directions. */
type Masking = (bytes: Uint8Array, mask: XorMask) => Uint8Array;

function plain(bytes: Uint8Array): Uint8Array {
  return bytes;
}

/** RFC 8489 §14.2: some routers rewrite addresses wherever they see them, but not these. */
function masked(bytes: Uint8Array, mask: XorMask): Uint8Array {
  return bytes.map((byte, at) => byte ^ (mask[at] ?? 0));
}

const FAMILY = { 4: 1, 6: 2 } as const;
const ADDRESS_BYTES: ReadonlyMap<number, number> = new Map([
  [FAMILY[4], 4],
  [FAMILY[6], 16],
]);

function address(type: number, masking: Masking): Codec<Address> {
  return {
    type,
    encode({ host, port }, mask) {
      const ip = ipBytes(host);
      if (ip === undefined) throw malformed(`"${host}" is no IP address`);
      const maskedPort = masking(Uint8Array.of(port >> 8, port & 0xff), mask);
      return Uint8Array.of(0, ip.length === 4 ? FAMILY[4] : FAMILY[6], ...maskedPort, ...masking(ip, mask));
    },
    decode(bytes, mask) {
      const ip = bytes.subarray(4);
      if (bytes.length <= 4 || ip.length !== ADDRESS_BYTES.get(bytes[1] ?? 0)) return undefined;
      const port = viewOf(masking(bytes.subarray(2, 4), mask)).getUint16(0);
      return { host: ipText(masking(ip, mask)), port };
    },
  };
}

function decodeFamily([family]: Uint8Array): 4 | 6 | undefined {
  if (family === FAMILY[4]) return 4;
  return family === FAMILY[6] ? 6 : undefined;
}

function encodeError({ code, reason }: StunError): Uint8Array {
  return Uint8Array.of(0, 0, Math.floor(code / 100), code % 100, ...Buffer.from(reason));
}

function decodeError(bytes: Uint8Array): StunError | undefined {
  const [, , hundreds = 0, rest = 0] = bytes;
  const code = (hundreds & 0b111) * 100 + rest;
  if (bytes.length < 4 || code < 300 || code > 699 || rest > 99) return undefined;
  return { code, reason: Buffer.from(bytes.subarray(4)).toString() };
}

function encodeTypes(types: readonly number[]): Uint8Array {
  return Uint8Array.from(types.flatMap((type) => [type >> 8, type & 0xff]));
}

function decodeTypes(bytes: Uint8Array): readonly number[] | undefined {
  if (bytes.length % 2 !== 0) return undefined;
  const view = viewOf(bytes);
  return Array.from({ length: bytes.length / 2 }, (_, at) => view.getUint16(at * 2));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function padded(length: number): number {
  return Math.ceil(length / 4) * 4;
}

function malformed(detail: string): SyncError<'MALFORMED'> {
  return new SyncError('MALFORMED', { what: 'STUN message', detail });
}
