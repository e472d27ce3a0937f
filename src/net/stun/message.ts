/**
 * STUN messages (RFC 8489 §5): twenty bytes of header, then attributes. Those that matter end with a keyed digest of all
 * before it (MESSAGE-INTEGRITY), and a checksum that tells STUN from whatever else arrives on the same socket
 * (FINGERPRINT).
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { SyncError } from '../../errors.ts';
import {
  decodeAttributes,
  encodeAttribute,
  encodeAttributes,
  type RawAttribute,
  rawAttributes,
  type StunAttributes,
  type XorMask,
} from './attributes.ts';

export type StunClass = 'request' | 'indication' | 'success' | 'error';

export type StunMethod =
  | 'binding'
  | 'allocate'
  | 'refresh'
  | 'create-permission'
  | 'connect'
  | 'connection-bind'
  | 'connection-attempt';

export interface StunMessage {
  readonly class: StunClass;
  readonly method: StunMethod;
  /** Twelve bytes, in hex: a request and its answer have the same. */
  readonly transaction: string;
  readonly attributes: StunAttributes;
}

export interface DecodedStun extends StunMessage {
  /** Attribute types that we would have to know: a request that has some is answered with 420. */
  readonly notUnderstood: readonly number[];
  /** Whether the message was made by somebody who has the key. False when it carries no proof. */
  isProvedBy(key: Uint8Array): boolean;
}

const CLASSES: readonly StunClass[] = ['request', 'indication', 'success', 'error'];
/** RFC 8489 §18.2, RFC 8656 §17, RFC 6062 §6.1. */
const METHODS: { readonly [Method in StunMethod]: number } = {
  binding: 0x001,
  allocate: 0x003,
  refresh: 0x004,
  'create-permission': 0x008,
  connect: 0x00a,
  'connection-bind': 0x00b,
  'connection-attempt': 0x00c,
};
const METHOD_NAMES: ReadonlyMap<number, StunMethod> = new Map(
  Object.entries(METHODS).map(([name, code]) => [code, name as StunMethod]),
);

export const STUN_HEADER_BYTES = 20;
const MAGIC_COOKIE = 0x2112a442;
const MESSAGE_INTEGRITY = 0x0008;
const FINGERPRINT = 0x8028;
const FINGERPRINT_MASK = 0x5354554e;
const INTEGRITY_BYTES = 24;
const FINGERPRINT_BYTES = 8;

/** With MESSAGE-INTEGRITY when there is a key, and FINGERPRINT always. Throws MALFORMED for an address that is none. */
export function encodeStun(message: StunMessage, key?: Uint8Array): Uint8Array {
  const head = header(message);
  const parts = [head, ...encodeAttributes(message.attributes, maskOf(head))];
  if (key !== undefined)
    parts.push(encodeAttribute(MESSAGE_INTEGRITY, integrityOf(withLength(parts, INTEGRITY_BYTES), key)));
  const check = Buffer.alloc(4);
  check.writeUInt32BE(checksumOf(withLength(parts, FINGERPRINT_BYTES)));
  return withLength([...parts, encodeAttribute(FINGERPRINT, check)], 0);
}

/** Whether bytes on a socket shared with other protocols are meant as STUN, RFC 8489 §6.3. */
export function looksLikeStun(bytes: Uint8Array): boolean {
  return bytes.length >= STUN_HEADER_BYTES && (bytes[0] ?? 0xff) < 0b0100_0000 && cookieOf(bytes) === MAGIC_COOKIE;
}

/** One whole message. Throws MALFORMED, also for a method we do not know and a checksum that is wrong. */
export function decodeStun(bytes: Uint8Array): DecodedStun {
  if (!looksLikeStun(bytes)) throw malformed('it has no STUN header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (STUN_HEADER_BYTES + view.getUint16(2) !== bytes.length) throw malformed('its length is not the one it says');
  const { method, class: kind } = decodeType(view.getUint16(0));
  const all = rawAttributes(bytes.subarray(STUN_HEADER_BYTES));
  checkFingerprint(bytes, all);
  const integrity = all.find(({ type }) => type === MESSAGE_INTEGRITY);
  // What follows the proof is not covered by it, RFC 8489 §14.5.
  const covered = integrity === undefined ? all.filter(isNoFingerprint) : all.slice(0, all.indexOf(integrity));
  const transaction = Buffer.from(bytes.subarray(8, STUN_HEADER_BYTES)).toString('hex');
  return {
    ...{ class: kind, method, transaction },
    ...decodeAttributes(covered, maskOf(bytes)),
    isProvedBy: (key) => integrity !== undefined && isProof(bytes, integrity, key),
  };
}

function isProof(bytes: Uint8Array, { value, offset }: RawAttribute, key: Uint8Array): boolean {
  const covered = withLength([bytes.subarray(0, STUN_HEADER_BYTES + offset)], INTEGRITY_BYTES);
  const expected = integrityOf(covered, key);
  return value.length === expected.length && timingSafeEqual(value, expected);
}

function checkFingerprint(bytes: Uint8Array, all: readonly RawAttribute[]): void {
  const last = all.at(-1);
  if (last?.type !== FINGERPRINT) return;
  const expected = checksumOf(bytes.subarray(0, STUN_HEADER_BYTES + last.offset));
  if (last.value.length !== 4 || Buffer.from(last.value).readUInt32BE() !== expected)
    throw malformed('its checksum is wrong');
}

function isNoFingerprint({ type }: RawAttribute): boolean {
  return type !== FINGERPRINT;
}

function header({ class: kind, method, transaction }: StunMessage): Uint8Array {
  const bytes = Buffer.alloc(STUN_HEADER_BYTES);
  bytes.writeUInt16BE(typeOf(METHODS[method], CLASSES.indexOf(kind)), 0);
  bytes.writeUInt32BE(MAGIC_COOKIE, 4);
  bytes.set(Buffer.from(transaction, 'hex'), 8);
  return bytes;
}

/** The two bits of the class lie between those of the method, RFC 8489 §5 figure 3. */
function typeOf(method: number, kind: number): number {
  const spread = ((method & 0xf80) << 2) | ((method & 0x070) << 1) | (method & 0x00f);
  return spread | ((kind & 0b10) << 7) | ((kind & 0b01) << 4);
}

function decodeType(type: number): { readonly method: StunMethod; readonly class: StunClass } {
  const method = ((type & 0x3e00) >> 2) | ((type & 0x00e0) >> 1) | (type & 0x000f);
  const name = METHOD_NAMES.get(method);
  const kind = CLASSES[((type & 0x0100) >> 7) | ((type & 0x0010) >> 4)];
  if (name === undefined || kind === undefined) throw malformed(`method ${method} is unknown`);
  return { method: name, class: kind };
}

/** Puts the parts together; the header's length counts `following` more bytes, as the digests want it. */
function withLength(parts: readonly Uint8Array[], following: number): Uint8Array {
  const bytes = Buffer.concat(parts);
  bytes.writeUInt16BE(bytes.length - STUN_HEADER_BYTES + following, 2);
  return bytes;
}

function integrityOf(bytes: Uint8Array, key: Uint8Array): Uint8Array {
  return createHmac('sha1', key).update(bytes).digest();
}

function checksumOf(bytes: Uint8Array): number {
  return (crc32(bytes) ^ FINGERPRINT_MASK) >>> 0;
}

function cookieOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(4);
}

function maskOf(bytes: Uint8Array): XorMask {
  return bytes.subarray(4, STUN_HEADER_BYTES);
}

function malformed(detail: string): SyncError<'MALFORMED'> {
  return new SyncError('MALFORMED', { what: 'STUN message', detail });
}
